package config

import (
	"log/slog"
	"os"

	"bdc/order"
	"bdc/templates"
)

// Replies says in which words booksellers are answered.
type Replies struct {
	// Folder is the path of a folder with templates that replace the embedded ones, as
	// templates.NewRendererFrom takes them; "" for none. Load takes a relative path as
	// one that starts at the folder of the configuration file.
	Folder string `toml:"folder"`
}

// Renderer returns a renderer of replies that uses the templates in Replies.Folder. If
// they fail on a reply, it writes that reply with the embedded templates and logs the
// error to log. If templates in the folder can't be used, the error joins all faults.
func (c Config) Renderer(form *order.Form, log *slog.Logger) (*templates.Renderer, error) {
	if c.Replies.Folder == "" {
		return templates.NewRenderer(form)
	}
	return templates.NewRendererFrom(form, os.DirFS(c.Replies.Folder), log)
}

// replies tries the templates that replace the embedded ones.
func (f *faults) replies(c Config) {
	if info, err := os.Stat(c.Replies.Folder); c.Replies.Folder != "" && (err != nil || !info.IsDir()) {
		f.add("replies.folder", c.Replies.Folder+" is no folder")
		return
	}
	form, err := templates.Form()
	if err == nil {
		_, err = c.Renderer(form, slog.New(slog.DiscardHandler))
	}
	if err == nil {
		return
	}
	each := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		each = joined.Unwrap()
	}
	for _, fault := range each {
		f.add("replies.folder", fault.Error())
	}
}
