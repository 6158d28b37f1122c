package review

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// deviceTime is how long a browser is known on which a user has signed in.
const deviceTime = 180 * 24 * time.Hour

// deviceName is the name of the cookie by which such a browser is known.
func (c *Console) deviceName() string { return c.cookieName() + "-appareil" }

// deviceCookie makes the cookie by which the browser is known from now on. It says until
// when it is good, has a random name of the browser, and is signed for the user. The key
// of the signature is the hash of the password, which nobody else has: to change the
// password makes all these cookies void.
func (c *Console) deviceCookie(u *order.User) *http.Cookie {
	said := fmt.Sprintf("%d.%s", c.Clock().Add(deviceTime).Unix(), rand.Text())
	cookie := c.cookie(said+"."+deviceSignature(u, said), deviceTime)
	cookie.Name = c.deviceName()
	return cookie
}

// deviceSignature signs what a cookie says for a user.
func deviceSignature(u *order.User, said string) string {
	mac := hmac.New(sha256.New, []byte(u.Password))
	mac.Write([]byte("bdc device\x00" + u.Name + "\x00" + said))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// device returns the name of the browser that makes a request, if the user has signed in
// on it before, and else "".
func (c *Console) device(r *http.Request, u *order.User) string {
	cookie, err := r.Cookie(c.deviceName())
	if err != nil || u.Password == "" {
		return ""
	}
	end := strings.LastIndexByte(cookie.Value, '.')
	if end < 0 || !hmac.Equal([]byte(cookie.Value[end+1:]), []byte(deviceSignature(u, cookie.Value[:end]))) {
		return ""
	}
	until, name, _ := strings.Cut(cookie.Value[:end], ".")
	if last, err := strconv.ParseInt(until, 10, 64); err != nil || c.Clock().Unix() > last {
		return ""
	}
	return name
}
