package review

import (
	"crypto/rand"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"bdc/order"
	"bdc/store"
)

// keepUpload is how long the files of an import wait for a second click.
const keepUpload = 30 * time.Minute

// waitingUpload are files that were sent and not imported: a person looks at what they
// would change. There is at most one at a time.
type waitingUpload struct {
	token   string // in the address of its page
	folder  string
	upload  Upload
	preview order.Preview
	at      time.Time // when the files came
}

// keep keeps the files of an upload for a second click, in place of those that waited
// before, and returns the address of the page that shows what they would change.
func (c *Console) keep(folder string, u Upload, p order.Preview) (to string, err error) {
	u.Progress = nil
	w := &waitingUpload{token: rand.Text(), folder: folder, upload: u, preview: p, at: c.Clock()}
	c.waitingMu.Lock()
	defer c.waitingMu.Unlock()
	err = c.forget()
	c.waiting = w
	return "/imports/" + u.Register + "/apercu/" + w.token, err
}

// forget deletes the files that wait for a second click. waitingMu is held.
func (c *Console) forget() error {
	if c.waiting == nil {
		return nil
	}
	folder := c.waiting.folder
	c.waiting = nil
	return os.RemoveAll(folder)
}

// waitingFor returns the upload that a request is about: the user's own, which still waits.
// Else its error is a refusal.
func (v *visit) waitingFor() (waitingUpload, error) {
	v.c.waitingMu.Lock()
	defer v.c.waitingMu.Unlock()
	if w := v.c.waiting; w != nil && v.c.Clock().Sub(w.at) > keepUpload {
		if err := v.c.forget(); err != nil {
			return waitingUpload{}, err
		}
	}
	w := v.c.waiting
	if w == nil || w.token != v.r.PathValue("token") || w.upload.Register != v.r.PathValue("register") ||
		w.upload.Actor != v.user.Name {
		return waitingUpload{}, refusal{
			http.StatusNotFound, "Ce fichier n’attend plus",
			"Il a été importé ou abandonné, ou un autre l’a remplacé. Rien n’est changé : au besoin, " +
				"envoyez-le de nouveau.",
		}
	}
	return *w, nil
}

// drop forgets an upload, if it is the one that waits.
func (v *visit) drop(w waitingUpload) error {
	v.c.waitingMu.Lock()
	defer v.c.waitingMu.Unlock()
	if v.c.waiting == nil || v.c.waiting.token != w.token {
		return nil
	}
	return v.c.forget()
}

// previewPage is the page that shows what an import would change.
type previewPage struct {
	order.Preview
	Kind  registerKind
	Token string
}

// preview shows what an import would change.
func (c *Console) preview(v *visit) error {
	w, err := v.waitingFor()
	if err != nil {
		return err
	}
	p := previewPage{w.preview, registerKinds()[w.upload.Register], w.token}
	return v.show(http.StatusOK, "apercu", "Aperçu : "+strings.ToLower(p.Kind.Label), p)
}

// confirm imports the files that waited for a second click.
func (c *Console) confirm(v *visit) error {
	w, err := v.waitingFor()
	if err != nil {
		return err
	}
	if !c.importing.TryLock() {
		return otherImport()
	}
	defer c.importing.Unlock()
	flow, until := http.NewResponseController(v.w), time.Now().Add(importTime)
	if err := flow.SetWriteDeadline(until); unsettable(err) {
		return err
	}
	u := w.upload
	u.Preview, u.Force, u.Seen, u.Progress = false, true, w.preview.Import.Revision, func(int, int64, int64) {}
	p, err := c.Import(v.r.Context(), u)
	if err := errors.Join(err, v.drop(w)); err != nil {
		return c.importRefused(err, u.Register, "Le fichier est refusé")
	}
	v.imported(p.Import)
	return v.redirect(afterImport(p.Import))
}

// importRefused does what asRefusal does, also for a register that somebody else changed
// after the user had seen it.
func (c *Console) importRefused(err error, register, title string) error {
	if errors.Is(err, store.ErrRevision) {
		return conflict{back: "/imports/" + register}
	}
	return c.asRefusal(err, title)
}

// abandon deletes the files that waited for a second click.
func (c *Console) abandon(v *visit) error {
	w, err := v.waitingFor()
	if err != nil {
		return err
	}
	if err := v.drop(w); err != nil {
		return err
	}
	return v.redirect("/imports/" + w.upload.Register)
}

// undoImport undoes the last import of a register that can be undone.
func (c *Console) undoImport(v *visit) error {
	register := v.r.PathValue("register")
	if _, ok := registerKinds()[register]; !ok {
		return store.ErrNotFound
	}
	seen, err := strconv.ParseUint(v.r.PostFormValue("revision"), 10, 64)
	if err != nil || seen == 0 {
		return conflict{back: "/imports/" + register}
	}
	undone, err := c.Undo(v.r.Context(), register, v.user.Name, seen)
	if err != nil {
		return c.importRefused(err, register, "L’import n’est pas annulé")
	}
	v.imported(undone)
	return v.redirect(afterImport(undone))
}
