package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"bdc/templates"
)

// runPreview shows a reply with sample data, in the words that the configuration
// puts in the place of ours, or writes our words to files to be changed.
func runPreview(_ context.Context, e env) error {
	f := e.flags("preview")
	config := f.String("c", "", "configuration, for its words and its promise")
	page := f.Bool("html", false, "the HTML instead of the text")
	out := f.String("o", "", "file to write instead of the standard output")
	words := f.String("words", "", "folder to write our words to")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	if *words != "" && len(args) == 0 {
		return os.CopyFS(*words, templates.Replies())
	}
	samples := templates.Samples()
	i := -1
	if len(args) == 1 && *words == "" {
		i = slices.IndexFunc(samples, func(s templates.Sample) bool { return s.Name == args[0] })
	}
	if i < 0 {
		var names []string
		for _, s := range samples {
			names = append(names, s.Name)
		}
		return usageError{errors.New("say which reply: " + strings.Join(names, ", ") + "; or --words FOLDER")}
	}
	cfg := defaults()
	if *config != "" {
		if cfg, err = loadConfig(*config, e.environ); err != nil {
			return usageError{err}
		}
	}
	form, err := templates.Form()
	if err != nil {
		return err
	}
	renderer, err := cfg.renderer(form)
	if err != nil {
		return err
	}
	s := samples[i]
	s.Options.OpeningHours = cfg.Accept.OpeningHours
	subject, text, html, err := renderer.Render(s.Reply, s.Options)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error {
		if *page {
			_, err := io.WriteString(w, html)
			return err
		}
		_, err := fmt.Fprintf(w, "Objet : %s\n\n%s", subject, text)
		return err
	}
	return writeTo(*out, e.stdout, write)
}
