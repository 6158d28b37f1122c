package people

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bdc/cmd/bdc/control"
	"bdc/order"
	"bdc/store"
)

// readme explains the files of an export to the person.
const readme = `Données concernant %s

Ce dossier contient ce que l’application de réception des bons de commande du Canal numérique des savoirs
conserve et qui mentionne cette adresse :

  messages.json   les messages reçus
  replies.json    les réponses envoyées ; le texte de chacune est dans le dossier « mails »
  cases.json      les dossiers, avec ce que l’équipe y a fait
  orders.json     les commandes
  audit.json      les lignes du journal
  notices.json    les alertes de l’équipe
  users.json, sessions.json   les comptes de la console et leurs connexions
  imports.json    les comptes rendus d’importation des registres
  libraires.json, annuaire.json   les comptes des libraires et les établissements
  files           les pièces jointes, nommées par leur empreinte (« hash » ou « workbook »)

Un fichier absent signifie que rien de cette sorte n’est conservé. Les dates sont en temps universel.
`

// Export writes all that names an address into a new folder or, if the path ends in .zip,
// into a new zip file: for each kind a file of JSON, the attachments, the composed mails,
// and a text for the person that explains them. It returns how many things of each kind,
// and how many files it wrote. The error wraps fs.ErrExist if there is something at the
// path. If Export returns an error, it leaves nothing there.
func Export(ctx context.Context, c *control.Client, address, path string) (counts []Count, files int, err error) {
	out, err := newOutput(path)
	if err != nil {
		return nil, 0, err
	}
	x := export{client: c, out: out, files: map[order.Hash]string{}}
	err = x.all(ctx, address)
	if err = errors.Join(err, out.close()); err != nil {
		return nil, 0, errors.Join(err, os.RemoveAll(path))
	}
	return x.counts, x.written, nil
}

// export is an export in the making.
type export struct {
	client  *control.Client
	out     output
	counts  []Count
	file    io.WriteCloser // of the kind that is written; nil for none
	files   map[order.Hash]string
	replies []uint64
	written int
}

func (x *export) all(ctx context.Context, address string) error {
	if err := x.put("LISEZMOI.txt", []byte(fmt.Sprintf(readme, address))); err != nil {
		return err
	}
	if err := each(ctx, x.client, address, x.add); err != nil {
		return err
	}
	if err := x.end(); err != nil {
		return err
	}
	for _, hash := range slices.Sorted(maps.Keys(x.files)) {
		data, err := x.client.Blob(ctx, hash)
		if errors.Is(err, store.ErrNotFound) { // it was erased after its time
			continue
		}
		if err != nil {
			return err
		}
		if err := x.put("files/"+x.files[hash], data); err != nil {
			return err
		}
		x.written++
	}
	for _, id := range x.replies {
		mail, err := x.client.Mail(ctx, id)
		if err != nil {
			return err
		}
		if len(mail) == 0 { // it was never composed
			continue
		}
		if err := x.put("mails/"+strconv.FormatUint(id, 10)+".eml", mail); err != nil {
			return err
		}
		x.written++
	}
	return nil
}

// add writes a thing into the file of its kind, and notes the files that belong to it.
// Things of one kind follow one another.
func (x *export) add(h store.Holding) error {
	sign := ",\n"
	if n := len(x.counts); n == 0 || x.counts[n-1].Kind != h.Kind {
		if err := x.end(); err != nil {
			return err
		}
		file, err := x.out.create(string(h.Kind) + ".json")
		if err != nil {
			return err
		}
		x.file, sign = file, "[\n"
		x.counts = append(x.counts, Count{Kind: h.Kind})
	}
	x.counts[len(x.counts)-1].Found++
	if h.Kind == store.KindReply {
		id, err := strconv.ParseUint(h.Name, 10, 64)
		if err != nil {
			return err
		}
		x.replies = append(x.replies, id)
	}
	var value any
	if err := json.Unmarshal(h.Value, &value); err != nil {
		return err
	}
	x.note(value)
	_, err := io.WriteString(x.file, sign+string(h.Value))
	return err
}

// end ends the file of a kind.
func (x *export) end() error {
	if x.file == nil {
		return nil
	}
	_, err := io.WriteString(x.file, "\n]\n")
	err = errors.Join(err, x.file.Close())
	x.file = nil
	return err
}

// fileHash is what the hash of an attachment looks like, and fileType its type.
var (
	fileHash = regexp.MustCompile(`^[0-9a-f]{64}$`)
	fileType = regexp.MustCompile(`^[a-z0-9]{1,8}$`)
)

// note notes the attachments that a decoded value names: each order.Part, and each workbook
// of an attempt, an order or a result.
func (x *export) note(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			x.note(e)
		}
	case map[string]any:
		for _, name := range []string{"hash", "workbook"} {
			hash, _ := v[name].(string)
			if !fileHash.MatchString(hash) {
				continue
			}
			file := hash
			if kind, _ := v["type"].(string); fileType.MatchString(kind) {
				file += "." + kind
			} else if name == "workbook" {
				file += ".xlsx"
			}
			if old := x.files[order.Hash(hash)]; old == "" || !strings.Contains(old, ".") || name == "hash" {
				x.files[order.Hash(hash)] = file
			}
		}
		for _, e := range v {
			x.note(e)
		}
	}
}

func (x *export) put(name string, data []byte) error {
	w, err := x.out.create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return errors.Join(err, w.Close())
}

// output is where an export goes: one file after the other.
type output interface {
	create(name string) (io.WriteCloser, error) // the one before is closed
	close() error
}

// newOutput makes a zip file or a folder, which only its owner may read.
func newOutput(path string) (output, error) {
	if filepath.Ext(path) != ".zip" {
		return folder(path), os.Mkdir(path, 0o700)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &archive{f, zip.NewWriter(f)}, nil
}

type folder string

func (f folder) create(name string) (io.WriteCloser, error) {
	path := filepath.Join(string(f), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (folder) close() error { return nil }

type archive struct {
	file *os.File
	zip  *zip.Writer
}

func (a *archive) create(name string) (io.WriteCloser, error) {
	w, err := a.zip.Create(name)
	return unclosed{w}, err
}

func (a *archive) close() error { return errors.Join(a.zip.Close(), a.file.Sync(), a.file.Close()) }

// unclosed is an entry of a zip file, which the next entry ends.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
