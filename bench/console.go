package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"bdc/ingest"
	"bdc/ingest/mailtest"
	"bdc/ingest/mime"
	"bdc/order"
	"bdc/review"
	"bdc/sheet"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/store/storetest"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"
)

// The simulated users of the console. Each opens a page, reads it, and opens another.
const (
	users    = 50
	reading  = 2 * time.Second // from one page to the next
	watched  = time.Minute     // how long they browse while bdc has nothing else to do
	password = "un mot de passe de banc d’essai"
)

// The bounds of the console.
const (
	mostMedian = 50 * time.Millisecond  // the median time of every page is below
	mostP99    = 200 * time.Millisecond // the 99th percentile of every page's times is below
	mostPage   = 150 << 10              // every page has fewer octets
	leastLeft  = 0.75                   // bdc takes mail in at this part of its rate, or more, while users browse
)

// office is a data file with the orders of a season, and the users who browse it in the
// console.
type office struct {
	path    string           // of the data file
	orders  int              // how many are in it
	code    string           // of a case with a form
	account string           // of the bookseller who sent that form
	jars    []http.CookieJar // the cookies of each user who is signed in

	registers []register // to be imported
}

// prepareOffice makes the data file in dir, with orders orders. The registers know the
// schools and titles of an inbox of so many mails.
func prepareOffice(ctx context.Context, dir string, orders, mails int) (_ *office, err error) {
	o := &office{path: filepath.Join(dir, "season.db"), orders: orders}
	s, err := boltstore.Open(o.path, boltstore.Options{Create: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	hash, err := review.HashPassword(password)
	if err != nil {
		return nil, err
	}
	for i := range users {
		u := order.User{Name: fmt.Sprintf("user%d", i), Role: order.Admin, Password: hash, CreatedAt: time.Now().UTC()}
		if err := s.AddUser(ctx, u, "bench", time.Now()); err != nil {
			return nil, err
		}
	}
	form, err := templates.Form()
	if err != nil {
		return nil, err
	}
	o.registers = registers(form, mails)
	wrong, err := orderMails(1, mix{wrongEvery: 1})
	if err != nil {
		return nil, err
	}
	e := ingest.Examiner{
		Form: form, Registry: func() validate.Registry { return &registry.Registry{} }, AnySender: true,
		Domain: mailtest.Domain, Sheet: sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
	}
	now := time.Now().UTC()
	x := e.Open(order.Mail{
		Key: order.Key{Account: "orders", Folder: "INBOX", UIDValidity: 1, UID: 1}, Raw: wrong.mails[0],
		Size: int64(len(wrong.mails[0])), Received: now,
	})
	in := e.Judge(x, order.NoPast(len(x.Query.Forms)), now)
	o.code, o.account = in.Cases[0].Code, x.Forms[0].Order.Account
	if err := s.Keep(ctx, x.Blobs); err != nil {
		return nil, err
	}
	in.Replies = nil // no reply is to be sent while we measure
	if err := s.Record(ctx, store.Fence{}, []order.Intake{in})[0].Err; err != nil {
		return nil, err
	}
	return o, storetest.Season(ctx, s, orders, x.Forms[0].Order, now.AddDate(0, 0, -200), now)
}

// importRegisters imports the registers by the command bdc import.
func (o *office) importRegisters(ctx context.Context, dir, binary, config string) error {
	for _, register := range o.registers {
		path := filepath.Join(dir, register.name+".csv")
		if err := os.WriteFile(path, []byte(register.text), 0o600); err != nil {
			return err
		}
		out, err := exec.CommandContext(ctx, binary, "import", register.name, path, "-c", config).CombinedOutput()
		if err != nil {
			return fmt.Errorf("import %s: %w: %s", register.name, err, out)
		}
	}
	return nil
}

// pages returns the pages that the users open.
func (o *office) pages() []page {
	return []page{
		{"à traiter", "/a-traiter"},
		{"à traiter, des mots", "/a-traiter?q=ecole+17"},
		{"dossier", "/dossiers/" + o.code},
		{"commandes", "/commandes"},
		{"commandes, un état", "/commandes?etat=ouvertes"},
		{"commande", "/commandes/CNS-2026-000100"},
		{"recherche, rare", fmt.Sprint("/recherche?q=ecole+", o.orders/2)},
		{"recherche, rien", "/recherche?q=introuvable"},
		{"recherche, un EAN", "/recherche?q=978-2-09-000031-3"},
		{"tableau de bord", "/tableau-de-bord"},
		{"libraires", "/libraires"},
		{"libraire", "/libraires/" + o.account},
		{"établissements", "/etablissements?q=college+17"},
		{"établissement", "/etablissements/" + uai(firstSchool)},
		{"catalogue", "/catalogue?q=geographie"},
		{"titre", "/catalogue/" + lineEAN(0, 0)},
		{"journal", "/journal"},
	}
}

// page is a page of the console: its name in the report, and its path.
type page struct{ name, path string }

// look is one request of one user for a page.
type look struct {
	page string        // its name
	took time.Duration // until the whole page was read
	size int           // of the page, in octets
}

// signIn signs every user in at the console at the URL at.
func (o *office) signIn(ctx context.Context, at string) error {
	base, err := url.Parse(at)
	if err != nil {
		return err
	}
	for i := range users {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return err
		}
		client := http.Client{Jar: jar}
		form := url.Values{"nom": {fmt.Sprintf("user%d", i)}, "mot-de-passe": {password}}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, at+"/connexion", strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := client.Do(r)
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		if len(jar.Cookies(base)) == 0 {
			return fmt.Errorf("user%d got %s and no session", i, resp.Status)
		}
		o.jars = append(o.jars, jar)
	}
	return nil
}

// browse has all users open pages until ctx is done. Each also keeps a connection open to
// the stream of events by which browsers learn of changes. browse returns all that they
// saw, even if it returns an error.
func (o *office) browse(ctx context.Context, at string) ([]look, error) {
	var mu sync.Mutex
	var looks []look
	var fault error
	var all sync.WaitGroup
	pages := o.pages()
	for i, jar := range o.jars {
		client := http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: 2}}
		all.Go(func() {
			defer client.CloseIdleConnections()
			all.Go(func() { _, _ = fetch(ctx, &client, at+"/evenements") }) // until ctx is done
			wait := time.NewTimer(time.Duration(rand.Int64N(int64(reading))))
			defer wait.Stop()
			for n := i; ; n++ {
				select {
				case <-ctx.Done():
					return
				case <-wait.C:
				}
				wait.Reset(reading)
				p := pages[n%len(pages)]
				began := time.Now()
				size, err := fetch(ctx, &client, at+p.path)
				took := time.Since(began)
				if ctx.Err() != nil {
					return
				}
				mu.Lock()
				if err != nil {
					fault = errors.Join(fault, fmt.Errorf("%s: %w", p.path, err))
				}
				looks = append(looks, look{p.name, took, size})
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return looks, fault
}

// fetch reads a page and returns its size in octets. An answer other than 200, and the page
// to sign in, are errors.
func fetch(ctx context.Context, client *http.Client, at string) (size int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || resp.Request.URL.Path == "/connexion") {
		err = fmt.Errorf("got %s at %s", resp.Status, resp.Request.URL.Path)
	}
	return int(n), err
}

// consoleFigures is what was measured about the console.
type consoleFigures struct {
	orders int       // in the data file
	looks  []look    // while bdc had nothing else to do
	alone  []figures // of the rounds in which nobody browsed
	along  []figures // of the rounds in which users browsed
}

// measureConsole has users browse a season's orders for the time browsing, while bdc has
// nothing else to do. It then measures rounds in which bdc empties the inbox: so many in
// which nobody browses, and as many in which the users do, in turns.
func measureConsole(
	ctx context.Context, dir, binary string, orders, rounds int, in inbox, browsing time.Duration,
) (_ *consoleFigures, err error) {
	o, err := prepareOffice(ctx, dir, orders, len(in.mails))
	if err != nil {
		return nil, err
	}
	f := &consoleFigures{orders: orders}
	if f.looks, err = o.openHours(ctx, dir, binary, browsing); err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "console: %d pages seen in %s\n", len(f.looks), browsing)
	for i := range rounds {
		for _, browsed := range []bool{false, true} {
			d := daemon{binary: binary, season: o, console: freeAddress(), browsed: browsed}
			m, err := measure(ctx, dir, d, sinkMTA, in)
			if err != nil {
				return nil, fmt.Errorf("ingestion, browsed %t: %w", browsed, err)
			}
			fmt.Fprintf(os.Stderr, "ingestion, browsed %t, round %d: %s\n", browsed, i+1, m)
			if browsed {
				f.along = append(f.along, m)
			} else {
				f.alone = append(f.alone, m)
			}
		}
	}
	return f, nil
}

// openHours starts bdc with an empty inbox and the season's data file, imports the
// registers into that, signs the users in, and has them browse for a time.
func (o *office) openHours(ctx context.Context, dir, binary string, browsing time.Duration) (_ []look, err error) {
	mail, err := mailtest.Open(mailtest.Options{NoExim: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, mail.Close()) }()
	out, err := sinkMTA.open(mail)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	d := daemon{binary: binary, season: o, console: freeAddress(), inPlace: true}
	s := site{mail: mail, smtpPort: out.port, smtpTLS: out.tls, dir: dir}
	cmd, err := d.command(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := o.importRegisters(ctx, dir, binary, d.config(s)); err != nil {
		return nil, err
	}
	p, err := start(cmd)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	at := "http://" + d.console
	if err := listening(ctx, d.console); err != nil {
		return nil, err
	}
	if err := o.signIn(ctx, at); err != nil {
		return nil, err
	}
	watching, stop := context.WithTimeout(ctx, browsing)
	defer stop()
	return o.browse(watching, at)
}

// listening returns when a process listens at an address, or ctx is done.
func listening(ctx context.Context, at string) error {
	tick := time.NewTicker(inboxPoll)
	defer tick.Stop()
	for {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", at)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

// freeAddress returns a loopback address at which nobody listens.
func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:8080"
	}
	defer l.Close()
	return l.Addr().String()
}
