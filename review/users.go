package review

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"bdc/order"
	"bdc/store"
)

// userRoutes are the routes of the pages on which administrators manage the users.
func (c *Console) userRoutes() []route {
	return []route{
		{"GET /utilisateurs", order.Admin, c.users},
		{"POST /utilisateurs", order.Admin, c.addUser},
		{"GET /utilisateurs/{name}", order.Admin, c.oneUser},
		{"POST /utilisateurs/{name}/mot-de-passe", order.Admin, c.givePassword},
		{"POST /utilisateurs/{name}/role", order.Admin, c.setRole},
		{"POST /utilisateurs/{name}/nom", order.Admin, c.rename},
		{"POST /utilisateurs/{name}/fermer", order.Admin, c.closeUser},
		{"POST /utilisateurs/{name}/rouvrir", order.Admin, c.reopenUser},
	}
}

// mostFullName is the most characters of a user's full name.
const mostFullName = 100

// usersPage is the list of users, with the form by which one is added.
type usersPage struct {
	Users []order.User
	Roles []roleChoice
	New   order.User // what was typed, if it was refused
	Fault string     // why nobody was added
}

// userPage is the page of one user.
type userPage struct {
	order.User
	Roles    []roleChoice
	Self     bool   // it is who looks at it
	Password string // the password that was drawn just now, to be shown this once; or ""
	Added    bool   // the user was added just now
	Done     bool   // a change was made just now
	Fault    string // why nothing was changed
	Typed    names  // what the form of the names holds
}

// names are those that a user can be given.
type names struct{ Name, Full string }

// roleChoice is a role, and what a user who has it may do.
type roleChoice struct {
	Role  order.Role
	Words string
}

func roleChoices() []roleChoice {
	return []roleChoice{
		{order.Reading, "voit tout, ne change rien"},
		{order.Sales, "décide, répond et modifie"},
		{order.Admin, "importe aussi les registres et gère les utilisateurs"},
	}
}

// users shows the list of users.
func (c *Console) users(v *visit) error {
	return v.showUsers(http.StatusOK, usersPage{New: order.User{Role: order.Sales}})
}

func (v *visit) showUsers(status int, p usersPage) (err error) {
	p.Roles = roleChoices()
	if p.Users, err = v.c.Store.Users(v.r.Context()); err != nil {
		return err
	}
	return v.show(status, "utilisateurs", "Utilisateurs", p)
}

// oneUser shows a user. A name that the user had before leads to the name of today.
func (c *Console) oneUser(v *visit) error {
	u, err := c.userNamed(v.r.Context(), v.r.PathValue("name"))
	if err != nil {
		return err
	}
	if u.Name != v.r.PathValue("name") {
		return v.redirect(userURL(u.Name))
	}
	return v.showUser(http.StatusOK, userPage{User: u, Done: v.r.FormValue("fait") != ""})
}

// userNamed returns the user who has a name, or had it. The error wraps store.ErrNotFound.
func (c *Console) userNamed(ctx context.Context, name string) (order.User, error) {
	users, err := c.Store.Users(ctx)
	if err != nil {
		return order.User{}, err
	}
	for _, u := range users {
		if u.Had(name) {
			return u, nil
		}
	}
	return order.User{}, store.ErrNotFound
}

func userURL(name string) string { return "/utilisateurs/" + url.PathEscape(name) }

func (v *visit) showUser(status int, p userPage) error {
	p.Roles, p.Self = roleChoices(), p.Name == v.user.Name
	if p.Typed == (names{}) {
		p.Typed = names{p.Name, p.FullName}
	}
	return v.show(status, "utilisateur", p.Name, p)
}

// The faults of a name, for who typed it.
const (
	faultUserName = "Le nom d’utilisateur se compose de 1 à 32 lettres minuscules sans accent, chiffres, points et " +
		"tirets, et commence par une lettre ou un chiffre\u00a0: claire.morel."
	faultFullName  = "Le nom complet compte 100 caractères au plus."
	faultTakenName = "Ce nom d’utilisateur est pris, ou l’a été\u00a0: ce qui a été fait sous ce nom reste à cette " +
		"personne. Choisissez-en un autre."
)

// typedNames reads the names that the user posted. fault says in French what is wrong
// with them, or is "".
func (v *visit) typedNames() (typed names, fault string) {
	typed = names{v.r.PostFormValue("nom"), strings.Join(strings.Fields(v.r.PostFormValue("complet")), " ")}
	name, err := order.ParseUserName(typed.Name)
	switch {
	case err != nil:
		return typed, faultUserName
	case utf8.RuneCountInString(typed.Full) > mostFullName:
		return typed, faultFullName
	}
	typed.Name = name
	return typed, ""
}

// addUser adds a user, and shows the password that was drawn.
func (c *Console) addUser(v *visit) error {
	typed, fault := v.typedNames()
	now := c.Clock().UTC()
	u := order.User{
		Name: typed.Name, FullName: typed.Full, Role: order.Role(v.r.PostFormValue("role")), CreatedAt: now,
	}
	if fault == "" && !order.Admin.Covers(u.Role) {
		fault = "Choisissez un rôle."
	}
	if fault != "" {
		return v.showUsers(http.StatusUnprocessableEntity, usersPage{New: u, Fault: fault})
	}
	password, hash, err := c.drawn(v.r.Context())
	if err != nil {
		return err
	}
	u.Password = hash
	if err := c.Store.AddUser(v.r.Context(), u, v.user.Name, now); errors.Is(err, store.ErrExists) {
		return v.showUsers(http.StatusConflict, usersPage{New: u, Fault: faultTakenName})
	} else if err != nil {
		return err
	}
	c.Log.Info("user added", "user", u.Name)
	u.Revision = 1
	return v.showUser(http.StatusOK, userPage{User: u, Password: password, Added: true})
}

// drawn draws a password, and hashes it.
func (c *Console) drawn(ctx context.Context) (password, hash string, err error) {
	password = DrawPassword()
	err = c.hash(ctx, func() (err error) {
		hash, err = HashPassword(password)
		return err
	})
	return password, hash, err
}

// change calls do with the change that the user asks for, and turns the errors that the
// user is to read into pages.
func (v *visit) change(do func(ctx context.Context, c store.UserChange) error) error {
	name := v.r.PathValue("name")
	revision, err := strconv.ParseUint(v.r.PostFormValue("revision"), 10, 64)
	if err != nil {
		return conflict{back: userURL(name)}
	}
	err = do(v.r.Context(), store.UserChange{
		User: name, Revision: revision, Actor: v.user.Name, At: v.c.Clock().UTC(),
	})
	switch {
	case errors.Is(err, store.ErrRevision):
		return conflict{back: userURL(name)}
	case errors.Is(err, store.ErrNotFound): // perhaps renamed
		u, err := v.c.userNamed(v.r.Context(), name)
		if err != nil {
			return err
		}
		return conflict{back: userURL(u.Name)}
	case errors.Is(err, store.ErrLastAdmin):
		return refusal{
			http.StatusConflict, "C’est le dernier administrateur",
			"Sans ce compte, personne ne gérerait plus les utilisateurs. Rien n’a été changé\u00a0: " +
				"donnez d’abord le rôle «\u00a0administration\u00a0» à quelqu’un d’autre.",
		}
	case err == nil:
		v.c.Log.Info("user changed", "user", name)
	}
	return err
}

// others refuses what an administrator must not do to his or her own account, so that
// nobody is locked out by mistake.
func (v *visit) others(hint string) error {
	if v.r.PathValue("name") == v.user.Name {
		return refusal{http.StatusUnprocessableEntity, "C’est votre propre compte", hint + " Rien n’a été changé."}
	}
	return nil
}

// givePassword gives a user a password, and shows it.
func (c *Console) givePassword(v *visit) error {
	if err := v.others("Changez votre mot de passe dans «\u00a0Mon compte\u00a0»."); err != nil {
		return err
	}
	password, hash, err := c.drawn(v.r.Context())
	if err != nil {
		return err
	}
	if err := v.change(func(ctx context.Context, change store.UserChange) error {
		return c.Store.GivePassword(ctx, change, hash)
	}); err != nil {
		return err
	}
	u, err := c.Store.User(v.r.Context(), v.r.PathValue("name"))
	if err != nil {
		return err
	}
	return v.showUser(http.StatusOK, userPage{User: u, Password: password})
}

// setRole gives a user another role.
func (c *Console) setRole(v *visit) error {
	if err := v.others("Demandez à un autre administrateur de changer votre rôle."); err != nil {
		return err
	}
	role := order.Role(v.r.PostFormValue("role"))
	if !order.Admin.Covers(role) {
		return refusal{
			http.StatusUnprocessableEntity, "Ce rôle n’existe pas", "Revenez en arrière et choisissez-en un.",
		}
	}
	return v.changed(func(ctx context.Context, change store.UserChange) error {
		return c.Store.SetRole(ctx, change, role)
	})
}

// closeUser keeps a user from signing in.
func (c *Console) closeUser(v *visit) error {
	if err := v.others("Demandez à un autre administrateur de fermer votre compte."); err != nil {
		return err
	}
	return v.changed(c.Store.CloseUser)
}

// reopenUser lets a user sign in again.
func (c *Console) reopenUser(v *visit) error { return v.changed(c.Store.ReopenUser) }

// changed changes a user and goes back to the user's page.
func (v *visit) changed(do func(context.Context, store.UserChange) error) error {
	if err := v.change(do); err != nil {
		return err
	}
	return v.redirect(userURL(v.r.PathValue("name")) + "?fait=oui")
}

// rename gives a user other names. Who renames himself or herself stays signed in.
func (c *Console) rename(v *visit) error {
	typed, fault := v.typedNames()
	status := http.StatusUnprocessableEntity
	if fault == "" {
		err := v.change(func(ctx context.Context, change store.UserChange) error {
			return c.Store.Rename(ctx, change, typed.Name, typed.Full)
		})
		if err == nil {
			return v.redirect(userURL(typed.Name) + "?fait=oui")
		}
		if !errors.Is(err, store.ErrExists) {
			return err
		}
		status, fault = http.StatusConflict, faultTakenName
	}
	u, err := c.userNamed(v.r.Context(), v.r.PathValue("name"))
	if err != nil {
		return err
	}
	return v.showUser(status, userPage{User: u, Fault: fault, Typed: typed})
}
