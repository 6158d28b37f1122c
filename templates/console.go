package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"bdc/order"
)

//go:embed console
var consoleFS embed.FS

// consoleShared is the file of the layout, which surrounds every page of the console.
const consoleShared = "layout.html"

// ConsolePages parses the pages of the console. The result maps the name of each page,
// which is its file's name without ".html", to a template of the page with the layout
// around it. functions are those that the pages call, besides html/template's own.
func ConsolePages(functions template.FuncMap) (map[string]*template.Template, error) {
	shared, err := consoleFS.ReadFile("console/" + consoleShared)
	if err != nil {
		return nil, fmt.Errorf("console pages: %w", err)
	}
	layout, err := template.New("layout").Funcs(functions).Parse(noBreak.Replace(string(shared)))
	if err != nil {
		return nil, fmt.Errorf("console pages: %w", err)
	}
	files, err := fs.Glob(consoleFS, "console/*.html")
	if err != nil {
		return nil, fmt.Errorf("console pages: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, file := range files {
		name := path.Base(file)
		if name == consoleShared {
			continue
		}
		source, err := consoleFS.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("console pages: %w", err)
		}
		page, err := layout.Clone()
		if err == nil {
			page, err = page.Parse(noBreak.Replace(string(source)))
		}
		if err != nil {
			return nil, fmt.Errorf("console page %s: %w", name, err)
		}
		pages[strings.TrimSuffix(name, ".html")] = page
	}
	return pages, nil
}

// Static is an http.Handler that serves the console's style sheet, script and icon. It
// serves each under a name that contains a hash of its bytes, so that browsers may keep
// it for ever. It is safe for concurrent use.
type Static struct {
	files map[string][]byte // by the name that has the hash
	names map[string]string // the name with the hash, by the plain name
}

// ConsoleStatic returns a Static of the embedded files.
func ConsoleStatic() (*Static, error) {
	s := &Static{map[string][]byte{}, map[string]string{}}
	for _, plain := range []string{"console.css", "console.js", "icon.svg"} {
		data, err := consoleFS.ReadFile("console/" + plain)
		if err != nil {
			return nil, fmt.Errorf("console files: %w", err)
		}
		extension := path.Ext(plain)
		name := strings.TrimSuffix(plain, extension) + "-" + string(order.Sum(data))[:12] + extension
		s.files[name], s.names[plain] = data, name
	}
	return s, nil
}

// URL returns the path at which a file is served, by its plain name: console.css,
// console.js or icon.svg. The Static must be mounted at /static/.
func (s *Static) URL(plain string) string { return "/static/" + s.names[plain] }

// ServeHTTP serves the file whose name (with the hash) is the whole path of the request,
// without "/static/" before it. It tells the browser to keep the file for a year.
func (s *Static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, path.Base(r.URL.Path), time.Time{}, bytes.NewReader(data))
}
