package templates

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"bdc/bench/need"
)

// TestBrowserNothingSticksOut lets Chromium lay out every golden reply in a window as
// narrow as a phone's and in one as wide as a mail program's. No page may be wider than
// the window, whatever a stranger typed. If BDC_TEST_SHOTS names a folder, the test
// writes pictures of the pages there.
func TestBrowserNothingSticksOut(t *testing.T) {
	need.Time(t)
	program := need.Chromium(t)
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
	}
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute) // a hang
	defer cancel()
	ctx, end := chromedp.NewContext(ctx)
	defer end()

	pages, err := filepath.Glob("testdata/*.html")
	if err != nil || len(pages) < len(replies(t)) {
		t.Fatalf("got %d pages (%v), want one for each of %d replies", len(pages), err, len(replies(t)))
	}
	for _, page := range pages {
		path, err := filepath.Abs(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, width := range []int64{320, 800} {
			if err := chromedp.Do(
				ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+path),
			); err != nil {
				t.Fatal(err)
			}
			got, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
			if err != nil {
				t.Fatal(err)
			}
			if got > width {
				t.Errorf("%s: is %d pixels wide, want at most %d", page, got, width)
			}
			if folder := os.Getenv("BDC_TEST_SHOTS"); folder != "" {
				image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
				if err != nil {
					t.Fatal(err)
				}
				name := strings.TrimSuffix(filepath.Base(page), ".html") + "-" + strconv.FormatInt(width, 10) + ".png"
				if err := os.WriteFile(filepath.Join(folder, name), image, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
