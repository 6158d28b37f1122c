package config

import (
	"log/slog"
	"os"

	"bdc/order"
	"bdc/templates"
)

// Replies are the words of the answers to booksellers.
type Replies struct {
	// Folder has files that replace our words; "" for ours. Load makes a relative
	// one start at the folder of the configuration file.
	Folder string `toml:"folder"`
}

// Renderer returns what writes the replies in the words of the configuration. Where
// those words fail on a reply, ours are used for it, and log is told. The error joins
// all that is wrong with the words.
func (c Config) Renderer(form *order.Form, log *slog.Logger) (*templates.Renderer, error) {
	if c.Replies.Folder == "" {
		return templates.NewRenderer(form)
	}
	return templates.NewRendererFrom(form, os.DirFS(c.Replies.Folder), log)
}

// replies tries the words that replace ours.
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
