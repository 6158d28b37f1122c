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

// consoleShared are the files that every page of the console may use.
const consoleShared = "layout.html"

// ConsolePages parses the pages of the console, each with the layout around it,
// by the name of its file without the extension. The functions are what the
// pages may call besides html/template's own.
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

// Static serves the console's own style and script, under names that change with
// their bytes.
type Static struct {
	files map[string][]byte // by name
	names map[string]string // by plain name
}

// ConsoleStatic reads the embedded files.
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

// URL is where a file is served.
func (s *Static) URL(plain string) string { return "/static/" + s.names[plain] }

// ServeHTTP serves a file for ever: other bytes would have another name.
func (s *Static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, path.Base(r.URL.Path), time.Time{}, bytes.NewReader(data))
}
