package review

import (
	"errors"
	"net/http"

	"bdc/store"
)

// profilePage is the page on which users see their account and change their password.
type profilePage struct {
	Fault string // why the password was not changed
	Done  bool   // the password was changed
	Least int    // the least characters of a password
}

// profile shows the user's account.
func (c *Console) profile(v *visit) error {
	return v.show(http.StatusOK, "compte", "Mon compte",
		profilePage{Least: minPassword, Done: v.r.FormValue("fait") != ""})
}

// changePassword changes the user's password and ends the user's other sessions. The
// old password is required. Tries of it have a throttle of their own: they keep nobody
// from signing in, nor do others' tries to sign in count here.
func (c *Console) changePassword(v *visit) error {
	page := profilePage{Least: minPassword}
	refuse := func(status int, fault string) error {
		page.Fault = fault
		return v.show(status, "compte", "Mon compte", page)
	}
	fresh := v.r.PostFormValue("nouveau")
	if fresh != v.r.PostFormValue("encore") {
		return refuse(http.StatusUnprocessableEntity, "Les deux saisies du nouveau mot de passe diffèrent.")
	}
	u, wait, err := c.prove(v, v.user.Name, v.r.PostFormValue("ancien"),
		[]guess{{"change " + v.user.Name, freeTries, true}})
	switch {
	case wait > 0:
		return refuse(http.StatusTooManyRequests, "Trop d’essais. Réessayez dans "+frenchWait(wait)+".")
	case errors.Is(err, errUnproved):
		return refuse(http.StatusUnprocessableEntity, "L’ancien mot de passe n’est pas le bon.")
	case err != nil:
		return err
	}
	var hash string
	err = c.hash(v.r.Context(), func() (err error) {
		hash, err = HashPassword(fresh)
		return err
	})
	if errors.Is(err, ErrPassword) {
		return refuse(http.StatusUnprocessableEntity,
			"Le nouveau mot de passe compte 12 caractères au moins, et pas plus de 1 024.")
	}
	if err != nil {
		return err
	}
	change := store.Password{User: u.Name, Was: u.Password, Now: hash, At: c.Clock().UTC()}
	if cookie, err := v.r.Cookie(c.cookieName()); err == nil {
		change.Keep = sessionID(cookie.Value)
	}
	if err := c.Store.SetPassword(v.r.Context(), change); errors.Is(err, store.ErrRevision) {
		return refuse(http.StatusConflict,
			"Votre mot de passe vient d’être changé ailleurs. Recommencez avec celui-là.")
	} else if err != nil {
		return err
	}
	c.Log.Info("password changed", "user", u.Name)
	return v.redirect("/compte?fait=oui")
}
