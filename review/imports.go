package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"bdc/order"
	"bdc/store"
	"bdc/templates"
)

// Upload is a set of files that an administrator sent to replace a register.
type Upload struct {
	// Register is the register's name: "annuaire", "catalogue" or "libraires".
	Register string
	// Paths are the files. They are deleted when Console.Import returns.
	Paths []string
	// Actor is the name of the administrator.
	Actor string
	// Preview says that nothing is to be changed: the administrator wants to see what
	// would be.
	Preview bool
	// Force says that the import is meant even if it is drastic (order.Preview.Drastic):
	// the administrator has seen what it removes.
	Force bool
	// Seen is the revision of the register that the administrator has seen, or 0.
	Seen uint64
	// Progress tells the administrator how many rows and octets of the files were read,
	// and how many octets they have. It may be called very often, but neither concurrently
	// nor after Console.Import has returned.
	Progress func(rows int, done, total int64)
}

// Bounds of an upload.
const (
	maxUpload  = 100 << 20        // octets of all files together
	maxUploads = 200              // files
	importTime = 15 * time.Minute // for the whole request
)

// importPage is the page of a register's imports.
type importPage struct {
	importCard
	Before []order.Import // the imports before the last
	Undo   *order.Import  // the import that can be undone next, or nil
	Fault  string         // why the files just sent were refused
	done
}

// imports shows the last imports of a register, and what they changed.
func (c *Console) imports(v *visit) error { return v.showImports(http.StatusOK, "") }

// showImports shows the page of a register's imports, with why an upload was refused.
func (v *visit) showImports(status int, fault string) error {
	register := v.r.PathValue("register")
	if _, ok := registerKinds()[register]; !ok {
		return store.ErrNotFound
	}
	p := importPage{Fault: fault, done: doneIn(v.r)}
	var err error
	if p.importCard, err = v.c.importCard(v.r.Context(), register); err != nil {
		return err
	}
	if p.Before, err = v.c.Store.Imports(v.r.Context(), register); err != nil {
		return err
	}
	if len(p.Before) > 0 {
		p.Before = p.Before[1:]
	}
	undoable, err := v.c.Store.Undoable(v.r.Context(), register)
	if err != nil {
		return err
	}
	if len(undoable) > 0 {
		p.Undo = &undoable[0]
	}
	return v.show(status, "import", "Import : "+strings.ToLower(p.Kind.Label), p)
}

// upload replaces a register by the files of a form. To a browser that runs our script
// the answer is a stream of progress lines; any other waits for a page.
func (c *Console) upload(v *visit) error {
	register := v.r.PathValue("register")
	if _, ok := registerKinds()[register]; !ok {
		return store.ErrNotFound
	}
	// An upload may take longer than the server allows for other requests.
	flow, until := http.NewResponseController(v.w), time.Now().Add(importTime)
	if err := errors.Join(flow.SetReadDeadline(until), flow.SetWriteDeadline(until)); unsettable(err) {
		return err
	}
	if v.r.Header.Get("Bdc-Progress") != "" {
		return v.uploadWithProgress(flow, register)
	}
	to, err := v.replace(register, func(int, int64, int64) {})
	var refused Refused
	if errors.As(err, &refused) {
		return v.showImports(http.StatusUnprocessableEntity, refused.Reason)
	}
	if err != nil {
		return c.asRefusal(err, "")
	}
	return v.redirect(to)
}

// unsettable reports an error of setting a deadline, but not that the connection has
// no deadlines: httptest.ResponseRecorder has none.
func unsettable(err error) bool { return err != nil && !errors.Is(err, http.ErrNotSupported) }

// afterImport is the address of the page that says what an import came to.
func afterImport(i order.Import) string {
	return "/imports/" + i.Register + "?acceptees=" + strconv.Itoa(i.Accepted)
}

// progress is a line of JSON by which our script follows an upload.
type progress struct {
	Part  string `json:"part"`            // how much of the files was read, in percent
	Words string `json:"words,omitempty"` // the same in rows and octets, in French
	To    string `json:"to,omitempty"`    // the address to go to: the import is done, or waits for a second click
	Fault string `json:"fault,omitempty"` // why nothing was changed
}

// progressEvery is the shortest time between two progress lines.
const progressEvery = 100 * time.Millisecond

// uploadWithProgress replaces a register by the files of a form, and answers with
// progress lines. The last one says where to go, or why nothing was changed.
func (v *visit) uploadWithProgress(flow *http.ResponseController, register string) error {
	v.w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	enc := json.NewEncoder(v.w)
	tell := func(p progress) {
		_ = enc.Encode(p) // the browser is gone: nobody to tell
		_ = flow.Flush()
	}
	var last time.Time
	to, err := v.replace(register, func(rows int, done, total int64) {
		if now := time.Now(); now.Sub(last) >= progressEvery {
			last = now
			tell(progress{
				Part: strconv.FormatInt(100*done/max(total, 1), 10),
				Words: fmt.Sprintf("%s lignes, %s sur %s", templates.FrenchNumber(rows), frenchSize(done),
					frenchSize(total)),
			})
		}
	})
	var refused refusal
	switch {
	case err == nil:
		tell(progress{To: to})
	case errors.As(v.c.asRefusal(err, "Le fichier est refusé"), &refused):
		tell(progress{Fault: refused.title + ". " + refused.hint})
	case errors.Is(err, context.Canceled):
	default:
		v.c.Log.Error("import", "register", register, "err", err)
		tell(progress{Fault: "Une erreur s’est produite : rien n’a été changé. " +
			"Réessayez ; si cela se répète, prévenez l’administrateur."})
	}
	return nil
}

// replace writes the files of a form into a folder of their own and imports them. It
// returns the address of the page that says what came of it. If a preview was asked for, or
// the import would remove much, the files are kept for a second click; else the folder is
// deleted. It refuses to while another import goes on, so that at most two uploads are on
// the disk.
func (v *visit) replace(register string, progress func(rows int, done, total int64)) (to string, err error) {
	if !v.c.importing.TryLock() {
		return "", otherImport()
	}
	defer v.c.importing.Unlock()
	folder, err := os.MkdirTemp(filepath.Dir(v.c.Spool), filepath.Base(v.c.Spool)+"-*")
	if err != nil {
		return "", err
	}
	kept := false
	defer func() {
		if !kept {
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()
	paths, preview, err := v.receive(folder)
	if err != nil {
		return "", err
	}
	u := Upload{Register: register, Paths: paths, Actor: v.user.Name, Preview: preview, Progress: progress}
	p, err := v.c.Import(v.r.Context(), u)
	if err != nil {
		return "", err
	}
	if !p.Done {
		kept = true
		return v.c.keep(folder, u, p)
	}
	v.imported(p.Import)
	return afterImport(p.Import), nil
}

func (v *visit) imported(i order.Import) {
	v.c.Log.Info("imported", "register", i.Register, "entries", i.Entries, "actor", v.user.Name)
}

// otherImport refuses an import while another goes on.
func otherImport() error {
	return refusal{
		http.StatusConflict, "Un autre import est en cours",
		"Attendez qu’il soit terminé, puis recommencez : rien n’a été changé.",
	}
}

// receive writes the files of a form into a folder as they arrive, and returns their
// paths. Each keeps its name, in a subfolder of its own. preview says that the button for a
// preview was pressed.
func (v *visit) receive(folder string) (paths []string, preview bool, err error) {
	form, err := v.r.MultipartReader()
	if err != nil {
		return nil, false, refusal{
			http.StatusUnsupportedMediaType, "Ce n’est pas un envoi de fichier",
			"Revenez en arrière et choisissez un fichier.",
		}
	}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, false, brokenUpload(err)
		}
		preview = preview || part.FormName() == "apercu"
		if part.FormName() != "fichier" || part.FileName() == "" {
			continue
		}
		if len(paths) == maxUploads {
			return nil, false, Refused{fmt.Sprintf("Plus de %d fichiers.", maxUploads)}
		}
		within := filepath.Join(folder, strconv.Itoa(len(paths)))
		if err := os.Mkdir(within, 0o700); err != nil {
			return nil, false, err
		}
		path := filepath.Join(within, plainName(part.FileName()))
		if err := spool(path, part); err != nil {
			return nil, false, err
		}
		paths = append(paths, path)
	}
	if len(paths) == 0 {
		return nil, false, Refused{"Choisissez un fichier."}
	}
	return paths, preview, nil
}

// brokenUpload makes a refusal of an error in reading the form: it is too large, or the
// connection broke off.
func brokenUpload(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return refusal{
			http.StatusRequestEntityTooLarge, "Fichier trop lourd",
			fmt.Sprintf("Un import prend %d Mo au plus : rien n’a été changé. "+
				"Compressez le fichier (.gz), ou importez-le par la commande « bdc import ».", maxUpload>>20),
		}
	}
	return refusal{http.StatusBadRequest, "L’envoi s’est interrompu", "Rien n’a été changé : recommencez."}
}

// spool writes a part of a form to a new file with mode 0600. An error of reading the
// part is a refusal, one of writing the file is not.
func spool(path string, part *multipart.Part) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sent := &readErrors{r: part}
	if _, err = io.Copy(file, sent); sent.err != nil {
		return brokenUpload(sent.err)
	}
	return err
}

// readErrors is a reader that remembers its error. After io.Copy, it tells an error of
// reading from one of writing.
type readErrors struct {
	r   io.Reader
	err error
}

func (e *readErrors) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if err != io.EOF {
		e.err = err
	}
	return n, err
}

// plainName is a file's name without separators of paths and control characters, cut
// to its last 60 characters.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/\`, r) || r == unicode.ReplacementChar {
			return '_'
		}
		return r
	}, name)
	if letters := []rune(name); len(letters) > 60 {
		name = string(letters[len(letters)-60:]) // its end says what it is
	}
	if strings.Trim(name, ". ") == "" {
		return "fichier"
	}
	return name
}

// sweep deletes the folders of uploads that a crash interrupted.
func (c *Console) sweep() error {
	entries, err := os.ReadDir(filepath.Dir(c.Spool))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(c.Spool)+"-") {
			if err := os.RemoveAll(filepath.Join(filepath.Dir(c.Spool), e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
