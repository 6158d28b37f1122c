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
)

// Upload is files that somebody sent to replace a register.
type Upload struct {
	Register string
	Paths    []string // where they wait, each under its own name
	Actor    string
	Progress func(done, total int64) // bytes read; called often, while Import runs
}

// Bounds of an upload.
const (
	maxUpload  = 100 << 20 // all files together
	maxUploads = 200       // files
	importTime = 15 * time.Minute
)

// importPage is what the last imports of a register changed.
type importPage struct {
	importCard
	Before []order.Import
	Fault  string // why the file just sent was refused
	done
}

func (c *Console) imports(v *visit) error { return v.showImports(http.StatusOK, "") }

func (v *visit) showImports(status int, fault string) error {
	register := v.r.PathValue("register")
	if _, ok := shelves()[register]; !ok {
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
	return v.show(status, "import", "Import : "+strings.ToLower(p.Shelf.Label), p)
}

// upload replaces a register by the files of a form. A browser with our script
// is told how far it has come, a line of JSON each time; one without it waits.
func (c *Console) upload(v *visit) error {
	register := v.r.PathValue("register")
	if _, ok := shelves()[register]; !ok {
		return store.ErrNotFound
	}
	// A large file takes longer than a page may.
	flow, until := http.NewResponseController(v.w), time.Now().Add(importTime)
	if err := errors.Join(flow.SetReadDeadline(until), flow.SetWriteDeadline(until)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if v.r.Header.Get("Bdc-Progress") != "" {
		return v.uploadTold(flow, register)
	}
	imported, err := v.replace(register, func(int64, int64) {})
	var refused Refused
	if errors.As(err, &refused) {
		return v.showImports(http.StatusUnprocessableEntity, refused.Reason)
	}
	if err != nil {
		return c.told(err, "")
	}
	return v.redirect(afterImport(imported))
}

func afterImport(i order.Import) string {
	return "/imports/" + i.Register + "?acceptees=" + strconv.Itoa(i.Accepted)
}

// progress is a line that the script reads.
type progress struct {
	Part  string `json:"part"`            // of the file that was read, in percent
	To    string `json:"to,omitempty"`    // where to go: it is done
	Fault string `json:"fault,omitempty"` // why nothing was changed
}

// tick is how often the script is told at most.
const tick = 100 * time.Millisecond

func (v *visit) uploadTold(flow *http.ResponseController, register string) error {
	v.w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	enc := json.NewEncoder(v.w)
	tell := func(p progress) {
		_ = enc.Encode(p) // the browser is gone: nobody to tell
		_ = flow.Flush()
	}
	var last time.Time
	imported, err := v.replace(register, func(done, total int64) {
		if now := time.Now(); now.Sub(last) >= tick {
			last = now
			tell(progress{Part: strconv.FormatInt(100*done/max(total, 1), 10)})
		}
	})
	var told refusal
	switch {
	case err == nil:
		tell(progress{To: afterImport(imported)})
	case errors.As(v.c.told(err, "Le fichier est refusé"), &told):
		tell(progress{Fault: told.title + ". " + told.hint})
	case errors.Is(err, context.Canceled):
	default:
		v.c.Log.Error("import", "register", register, "err", err)
		tell(progress{Fault: "Une erreur s’est produite : rien n’a été changé. Réessayez ; si cela se répète, prévenez l’administrateur."})
	}
	return nil
}

// replace takes the files of a form in, and imports them. They wait in a folder of
// their own, which is gone afterwards. One import goes on at a time, so that no
// more than one upload fills the disk.
func (v *visit) replace(register string, progress func(done, total int64)) (i order.Import, err error) {
	if !v.c.importing.TryLock() {
		return i, refusal{http.StatusConflict, "Un autre import est en cours", "Attendez qu’il soit terminé, puis recommencez : rien n’a été changé."}
	}
	defer v.c.importing.Unlock()
	folder, err := os.MkdirTemp(filepath.Dir(v.c.Spool), filepath.Base(v.c.Spool)+"-*")
	if err != nil {
		return i, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	paths, err := v.receive(folder)
	if err != nil {
		return i, err
	}
	i, err = v.c.Import(v.r.Context(), Upload{Register: register, Paths: paths, Actor: v.user.Name, Progress: progress})
	if err != nil {
		return i, err
	}
	v.c.Log.Info("imported", "register", register, "entries", i.Entries, "actor", v.user.Name)
	return i, nil
}

// receive writes the files of a form into a folder, as they come.
func (v *visit) receive(folder string) (paths []string, err error) {
	form, err := v.r.MultipartReader()
	if err != nil {
		return nil, refusal{http.StatusUnsupportedMediaType, "Ce n’est pas un envoi de fichier", "Revenez en arrière et choisissez un fichier."}
	}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, brokenUpload(err)
		}
		if part.FormName() != "fichier" || part.FileName() == "" {
			continue
		}
		if len(paths) == maxUploads {
			return nil, Refused{fmt.Sprintf("Plus de %d fichiers.", maxUploads)}
		}
		within := filepath.Join(folder, strconv.Itoa(len(paths)))
		if err := os.Mkdir(within, 0o700); err != nil {
			return nil, err
		}
		path := filepath.Join(within, plainName(part.FileName()))
		if err := spool(path, part); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	if len(paths) == 0 {
		return nil, Refused{"Choisissez un fichier."}
	}
	return paths, nil
}

// brokenUpload says why a form could not be read to its end.
func brokenUpload(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return refusal{http.StatusRequestEntityTooLarge, "Fichier trop lourd", fmt.Sprintf("Un import prend %d Mo au plus : rien n’a été changé. Compressez le fichier (.gz), ou importez-le par la commande « bdc import ».", maxUpload>>20)}
	}
	return refusal{http.StatusBadRequest, "L’envoi s’est interrompu", "Rien n’a été changé : recommencez."}
}

// spool writes what is sent to a file that only we read.
func spool(path string, part *multipart.Part) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sent := &watched{r: part}
	if _, err = io.Copy(file, sent); sent.err != nil {
		return brokenUpload(sent.err)
	}
	return err
}

// watched keeps the error of reading, to be told from one of writing.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != io.EOF {
		w.err = err
	}
	return n, err
}

// plainName is a file's name without what a file system would make more of.
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

// sweep deletes what an upload left behind that a crash broke off.
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
