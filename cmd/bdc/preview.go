package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"bdc/cmd/bdc/config"
	"bdc/templates"
)

// runPreview shows a reply with sample data, in the words that the configuration
// puts in the place of ours, or a mail to staff; or writes our words to files to be
// changed.
func runPreview(_ context.Context, e env) error {
	f := e.flags("preview")
	path := f.String("c", "", "configuration, for its words and its promise")
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
	replies, toStaff := templates.Samples(), templates.StaffSamples()
	samples := slices.Concat(replies, toStaff)
	i := -1
	if len(args) == 1 && *words == "" {
		i = slices.IndexFunc(samples, func(s templates.Sample) bool { return s.Name == args[0] })
	}
	if i < 0 {
		return usageError{fmt.Errorf("say which reply: %s; or which mail to staff: %s; or --words FOLDER", sampleNames(replies), sampleNames(toStaff))}
	}
	cfg := config.Default()
	if *path != "" {
		if cfg, err = config.Load(*path, e.environ); err != nil {
			return usageError{err}
		}
	}
	subject, text, html, err := sample(cfg, samples[i], slog.New(slog.NewTextHandler(e.stderr, nil)))
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

// sampleNames lists samples.
func sampleNames(samples []templates.Sample) string {
	var all []string
	for _, s := range samples {
		all = append(all, s.Name)
	}
	return strings.Join(all, ", ")
}

// sample writes a sample as the daemon would write such a mail.
func sample(c config.Config, s templates.Sample, log *slog.Logger) (subject, text, html string, err error) {
	if s.Reply.Kind.ForStaff() {
		renderer, err := templates.NewStaffRenderer(c.Console.URL)
		if err != nil {
			return "", "", "", err
		}
		if s.Reply.Digest != nil {
			s.Reply.Digest.Hours = c.Accept.OpeningHours
		}
		return renderer.Render(s.Reply)
	}
	form, err := templates.Form()
	if err != nil {
		return "", "", "", err
	}
	renderer, err := c.Renderer(form, log)
	if err != nil {
		return "", "", "", err
	}
	s.Options.OpeningHours = c.Accept.OpeningHours
	return renderer.Render(s.Reply, s.Options)
}
