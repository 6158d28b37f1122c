package main

import (
	"log/slog"
	"os"

	"bdc/order"
	"bdc/templates"
)

// Replies are the words of the answers to booksellers.
type Replies struct {
	Folder string `toml:"folder"`
}

// renderer writes the replies in the words of the configuration, and tells log of
// those that ours had to stand in for. The error joins all that is wrong with them.
func (c Config) renderer(form *order.Form, log *slog.Logger) (*templates.Renderer, error) {
	if c.Replies.Folder == "" {
		return templates.NewRenderer(form)
	}
	return templates.NewRendererFrom(form, os.DirFS(c.Replies.Folder), log)
}

// words tries the words that stand in for ours.
func (f *faults) words(c Config) {
	if info, err := os.Stat(c.Replies.Folder); c.Replies.Folder != "" && (err != nil || !info.IsDir()) {
		f.add("replies.folder", c.Replies.Folder+" is no folder")
		return
	}
	form, err := templates.Form()
	if err == nil {
		_, err = c.renderer(form, slog.New(slog.DiscardHandler))
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
