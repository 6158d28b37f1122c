package review

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"bdc/order"
	"bdc/store"
)

// sessionTime is how long a user stays signed in: a working day.
const sessionTime = 12 * time.Hour

// cookieName is the name of the cookie that holds a session's token. Over HTTPS it has
// a prefix that keeps other hosts of the domain from setting the cookie (RFC 6265bis,
// 4.1.3.2).
func (c *Console) cookieName() string {
	if c.Secure {
		return "__Host-bdc"
	}
	return "bdc"
}

// cookie makes the session's cookie. A negative age deletes it from the browser.
func (c *Console) cookie(token string, age time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: c.cookieName(), Value: token, Path: "/", MaxAge: int(age / time.Second),
		HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// session returns the user who makes a request. The error wraps store.ErrNotFound if
// nobody is signed in.
func (c *Console) session(r *http.Request) (order.User, error) {
	cookie, err := r.Cookie(c.cookieName())
	if err != nil {
		return order.User{}, store.ErrNotFound
	}
	_, u, err := c.Store.Session(r.Context(), sessionID(cookie.Value), c.Clock())
	return u, err
}

// sessionID is the hash of a session's token. The store has only the hash, so that
// nobody who reads the data file can sign in with what is there.
func sessionID(token string) order.Hash { return order.Sum([]byte(token)) }

// signInPage is the page on which a user signs in.
type signInPage struct {
	Name  string
	Next  string // the address to go to afterwards
	Fault string // why the user was not let in
}

// signInForm shows the page on which a user signs in.
func (c *Console) signInForm(v *visit) error {
	return v.show(http.StatusOK, "connexion", "Connexion", signInPage{Next: localPath(v.r.FormValue("suite"))})
}

// localPath returns the address next if it is one of this site, a path with or without
// a query, and "/" otherwise. It keeps others from making links to the console that
// redirect to their own site.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" ||
		!strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// signIn begins a session for a user who knows the password.
func (c *Console) signIn(v *visit) error {
	name := strings.ToLower(strings.TrimSpace(v.r.PostFormValue("nom")))
	if len(name) > maxName { // nobody's, and nothing is to be kept of it
		name = ""
	}
	page := signInPage{Name: name, Next: localPath(v.r.PostFormValue("suite"))}
	u, err := c.Store.User(v.r.Context(), name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	guessed := guesses(name, network(c.client(v.r)), c.device(v.r, &u))
	u, wait, err := c.prove(v, name, v.r.PostFormValue("mot-de-passe"), guessed)
	switch {
	case wait > 0:
		page.Fault = "Trop d’essais. Réessayez dans " + frenchWait(wait) + "."
		return v.show(http.StatusTooManyRequests, "connexion", "Connexion", page)
	case errors.Is(err, errUnproved):
		page.Fault = "Ce nom et ce mot de passe ne vont pas ensemble."
		return v.show(http.StatusUnauthorized, "connexion", "Connexion", page)
	case err != nil:
		return err
	}
	var b [32]byte
	rand.Read(b[:])
	token := base64.RawURLEncoding.EncodeToString(b[:])
	now := c.Clock()
	session := order.Session{ID: sessionID(token), User: u.Name, At: now, Until: now.Add(sessionTime)}
	if err := c.Store.Enter(v.r.Context(), session); err != nil {
		return err
	}
	http.SetCookie(v.w, c.cookie(token, sessionTime))
	http.SetCookie(v.w, c.deviceCookie(&u))
	return v.redirect(page.Next)
}

// errUnproved says that there is no such user, or that the password is wrong.
var errUnproved = errors.New("not the password of that user")

// prove returns the user of a name if the password is right. Otherwise the error wraps
// errUnproved, after the same time whether the user exists or not, and the failure is
// recorded in the audit. guessed says what the try counts for: if too many have failed,
// wait is positive, the password is not checked, and nothing is recorded.
func (c *Console) prove(v *visit, name, password string, guessed []guess,
) (u order.User, wait time.Duration, err error) {
	ctx, now := v.r.Context(), c.Clock()
	if wait := c.throttle.begin(now, guessed); wait > 0 {
		v.w.Header().Set("Retry-After", fmt.Sprint(int(wait/time.Second)+1))
		return order.User{}, wait, errUnproved
	}
	err = c.hash(ctx, func() error {
		var missing error
		if u, missing = c.Store.User(ctx, name); missing != nil && !errors.Is(missing, store.ErrNotFound) {
			return missing
		}
		hash := u.Password
		if missing != nil || u.Closed {
			hash = nobodysHash
		}
		right, err := checkPassword(hash, password)
		if err != nil {
			return fmt.Errorf("user %s: %w", name, err)
		}
		if !right || missing != nil || u.Closed {
			return errUnproved
		}
		return nil
	})
	switch {
	case err == nil:
		c.throttle.end(now, guessed, right)
		return u, 0, nil
	case errors.Is(err, errUnproved):
		c.throttle.end(now, guessed, wrong)
		c.refused(v, u.Name, now)
	default:
		c.throttle.end(now, guessed, unknown)
	}
	return order.User{}, 0, err
}

// Bounds of the audit of refused sign-ins, of which strangers can make as many as they
// want.
const (
	refusalBurst = 1_000
	refusalEvery = time.Minute
)

// refused notes a refused sign-in in the audit, but only so often; the log has all.
func (c *Console) refused(v *visit, user string, now time.Time) {
	from := c.client(v.r)
	c.Log.Warn("sign-in refused", "user", user, "from", from)
	if c.refusals.take(now, "") > 0 {
		return
	}
	if err := c.Store.Refuse(v.r.Context(), store.Refusal{User: user, From: from, At: now.UTC()}); err != nil {
		c.Log.Error("sign-in refused, and not noted", "err", err)
	}
}

// hash calls do, which hashes a password, once fewer than two others run: a hash takes
// 19 MiB of memory. The error is that of do, or of ctx.
func (c *Console) hash(ctx context.Context, do func() error) error {
	select {
	case c.hashing <- struct{}{}:
		defer func() { <-c.hashing }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// nobodysHash is checked in the place of the password of a user who does not exist. It
// takes as long as any other, and no password fits it.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// signOut ends the user's session.
func (c *Console) signOut(v *visit) error {
	if cookie, err := v.r.Cookie(c.cookieName()); err == nil {
		if err := c.Store.Leave(v.r.Context(), sessionID(cookie.Value), c.Clock()); err != nil {
			return err
		}
	}
	http.SetCookie(v.w, c.cookie("", -time.Second))
	return v.redirect("/connexion")
}

// client is the IP address that a request comes from. If the connection comes from one
// of Proxies, it is the last address in X-Forwarded-For that is none of theirs; what is
// no address there is not believed.
func (c *Console) client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if !c.trusted(host) {
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		host = hop.Unmap().WithZone("").String()
		if !c.trusted(host) {
			break
		}
	}
	return host
}

// trusted reports whether an address is one of Proxies.
func (c *Console) trusted(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range c.Proxies {
		if p.Contains(address.Unmap()) {
			return true
		}
	}
	return false
}
