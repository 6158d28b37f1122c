package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"bdc/cmd/bdc/config"
	"bdc/templates"

	"github.com/spf13/cobra"
)

// preview has the flags of bdc preview.
type preview struct {
	path  string // of the configuration; "" for the defaults
	html  bool
	out   string // file to write; "" for the standard output
	words string // folder to write the embedded templates to
}

// previewCommand is bdc preview.
func previewCommand(e env) *cobra.Command {
	var p preview
	cmd := &cobra.Command{
		Use:   "preview REPLY [-c bdc.toml] [--html] [-o FILE] | --words FOLDER",
		Short: "Show a reply with sample data, in the words of the configuration",
		Long: `Show a reply to a bookseller, or a mail to staff, with sample data. With -c, it is in
the words of the configuration; without, in those of the program. With --words, write
the words of the program to files, to be changed: replies.folder in the configuration
names the folder of the changed files.

A call without the name of a reply lists all names.`,
		Example: `  bdc preview report
  bdc preview ack --html -o ack.html -c bdc.toml
  bdc preview --words mots`,
		GroupID: groupForms,
		ValidArgsFunction: complete(func(args []string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if len(args) == 0 {
				for _, s := range slices.Concat(templates.Samples(), templates.StaffSamples()) {
					names = append(names, s.Name)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		}),
		RunE: func(_ *cobra.Command, args []string) error { return runPreview(e, p, args) },
	}
	configFlag(cmd, cmd.Flags(), &p.path, "configuration `FILE`, for its words and its opening_hours")
	cmd.Flags().BoolVar(&p.html, "html", false, "the HTML instead of the text")
	cmd.Flags().StringVarP(&p.out, "output", "o", "", "`FILE` to write instead of the standard output")
	cmd.Flags().StringVar(&p.words, "words", "", "`FOLDER` to write the words of the program to")
	return cmd
}

// runPreview writes a reply or a mail to staff with sample data, by the templates of the
// configuration; or it writes the embedded templates to files that can be changed.
func runPreview(e env, p preview, args []string) error {
	if p.words != "" && len(args) == 0 {
		return os.CopyFS(p.words, templates.Replies())
	}
	replies, toStaff := templates.Samples(), templates.StaffSamples()
	samples := slices.Concat(replies, toStaff)
	i := -1
	if len(args) == 1 && p.words == "" {
		i = slices.IndexFunc(samples, func(s templates.Sample) bool { return s.Name == args[0] })
	}
	if i < 0 {
		return usageError{fmt.Errorf("name a reply: %s\nor a mail to staff: %s\nor a folder: --words FOLDER",
			sampleNames(replies), sampleNames(toStaff))}
	}
	cfg := config.Default()
	if p.path != "" {
		var err error
		if cfg, err = config.Load(p.path, e.environ); err != nil {
			return usageError{err}
		}
	}
	subject, text, html, err := sample(cfg, samples[i], newLog(e.stderr))
	if err != nil {
		return err
	}
	write := func(w io.Writer) error {
		if p.html {
			_, err := io.WriteString(w, html)
			return err
		}
		_, err := fmt.Fprintf(w, "Objet : %s\n\n%s", subject, text)
		return err
	}
	return writeTo(p.out, e.stdout, write)
}

// sampleNames returns the names of samples, separated by commas.
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
