package review_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"bdc/bench/need"
)

// tab is a page of a real browser.
type tab struct {
	*rig
	ctx context.Context
}

// chromium is the one browser of all tests, since it takes its time to start. Each
// test has its own context in it, without the cookies of another.
var chromium struct {
	sync.Mutex
	ctx  context.Context // nil before a test needs it
	stop func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.ctx != nil {
		chromium.stop()
	}
	os.Exit(code)
}

// browse starts Chromium, where it is installed, and returns its context.
func browse(t *testing.T) context.Context {
	t.Helper()
	program := need.Chromium(t)
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.ctx != nil {
		return chromium.ctx
	}
	profile, err := os.MkdirTemp("", "bdc-chromium")
	must(t, err)
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
	}
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil { // starts the browser
		stop()
		t.Fatal(err)
	}
	chromium.ctx, chromium.stop = ctx, func() {
		_ = chromedp.Cancel(ctx)
		stop()
		_ = os.RemoveAll(profile)
	}
	return ctx
}

// newTab opens a page in a context of its own.
func newTab(t *testing.T, r *rig) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(browse(t), chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	tab := &tab{r, ctx}
	tab.do(chromedp.EmulateViewport(1280, 900))
	return tab
}

// hang is how long a test waits for what has to happen, before it fails.
const hang = 30 * time.Second

// do runs steps one after the other. The test fails if they take longer than hang.
func (t *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	t.t.Helper()
	if chromedp.FromContext(t.ctx) == nil || chromedp.FromContext(t.ctx).Target == nil {
		must(t.t, chromedp.Do(t.ctx)) // opens the page, for as long as the test lasts
	}
	ctx, cancel := context.WithTimeout(t.ctx, hang)
	defer cancel()
	must(t.t, chromedp.Do(ctx, steps...))
}

// until calls try again and again until it returns true. The test fails if that takes longer than hang.
func (t *tab) until(what string, try func(context.Context) bool) {
	t.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, hang)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !try(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			text, _ := chromedp.Run(t.ctx,
				chromedp.Evaluate[string]("location.href + '\\n' + (document.body ? document.body.innerText : '')"))
			t.t.Fatalf("never: %s on\n%s", what, text)
		}
	}
}

// holds waits until an expression is true, across navigations.
func (t *tab) holds(expression string) {
	t.t.Helper()
	t.until(expression, func(ctx context.Context) bool {
		held, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		return err == nil && held
	})
}

// says waits until the page has a text.
func (t *tab) says(text string) {
	t.t.Helper()
	t.holds("document.body && document.body.innerText.replaceAll('\u00a0', ' ').includes(" + printed(text) + ")")
}

// aim returns the middle of the element that a selector finds, once it is in sight and nothing
// covers it. Until the click is done, no other element gets it: if the page changes its
// content between aim and the click, the click misses, and does
// nothing else.
const aim = `(selector => {
  const wanted = document.querySelector(selector);
  if (!wanted || document.readyState !== "complete") return [];
  wanted.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
  const box = [...wanted.getClientRects()].find(r => r.width && r.height);
  if (!box) return [];
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  if (!wanted.contains(document.elementFromPoint(x, y))) return [];
  window.clicked = "not yet";
  const hear = event => {
    window.clicked = event.target.closest(selector) ? "hit" : "missed";
    if (window.clicked === "missed") { event.preventDefault(); event.stopImmediatePropagation(); }
  };
  window.removeEventListener("click", window.hear, true);
  window.addEventListener("click", window.hear = hear, {capture: true, once: true});
  return [x, y];
})`

// click clicks on an element, again if the click missed it.
func (t *tab) click(selector string) {
	t.t.Helper()
	t.until("a click on "+selector, func(ctx context.Context) bool {
		at, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](aim+"("+printed(selector)+")"))
		if err != nil || len(at) != 2 {
			return false
		}
		must(t.t, chromedp.Do(ctx, chromedp.MouseClickXY(at[0], at[1])))
		hit := false
		t.until("what became of the click on "+selector, func(ctx context.Context) bool {
			// A page that knows nothing of the click is the one that it led to.
			became, err := chromedp.Run(ctx, chromedp.Evaluate[string]("window.clicked || 'gone'"))
			hit = became == "hit" || became == "gone"
			return err == nil
		})
		return hit
	})
}

// focus focuses an element, and waits until it has the focus.
func (t *tab) focus(selector string) {
	t.t.Helper()
	t.holds("document.readyState === 'complete' && (e => e && (e.focus(), document.activeElement === " +
		"e))(document.querySelector(" + printed(selector) + "))")
}

// type_ writes into an element.
func (t *tab) type_(selector, text string) {
	t.t.Helper()
	t.focus(selector)
	t.do(chromedp.KeyEvent(text))
}

func (t *tab) press(keys ...string) {
	t.t.Helper()
	for _, k := range keys {
		t.holds("document.readyState === 'complete'") // the script listens
		t.do(chromedp.KeyEvent(k))
	}
}

func (t *tab) open(path string) {
	t.t.Helper()
	t.do(chromedp.Navigate(t.srv.URL + path))
}

func (t *tab) signIn(name string) {
	t.t.Helper()
	t.open("/")
	t.type_("#nom", name)
	t.type_("#mdp", password+"\r")
	t.says("Quitter")
}
