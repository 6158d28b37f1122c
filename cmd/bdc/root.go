package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

// The groups of bdc help.
const (
	groupDaemon = "daemon"
	groupForms  = "forms"
	groupRecord = "record"
)

// rootCommand is bdc with all its subcommands. It sets started when a subcommand begins its
// work: an error before that is a fault of the call.
func rootCommand(e env, started *bool) *cobra.Command {
	root := &cobra.Command{
		Use:   "bdc COMMAND",
		Short: "Bons de commande, from the inbox to the order and its answer",
		Long: `bdc: bons de commande, from the inbox to the order and its answer.

Exit codes: 0 done (check: all would be accepted; replay: nothing would change);
1 something was found, or failed; 2 the call or the configuration can't be used.`,
		Example: `  bdc demo
  bdc check BdC_Interforum_Librairie_CNS.xlsx
  bdc serve -c bdc.toml`,
		Version: thisBuild().Version,
		Args:    cobra.ArbitraryArgs, // an unknown command is told by RunE
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(cmd, args[0])
			}
			cmd.SetOut(e.stderr)
			return errors.Join(cmd.Help(), usageError{errors.New("a command is missing")})
		},
		PersistentPreRun:  func(*cobra.Command, []string) { *started = true },
		SilenceErrors:     true, // told once, by run
		SilenceUsage:      true,
		DisableAutoGenTag: true, // so that a man page does not tell on which day it was made
	}
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetUsageTemplate(usageTemplate)
	root.SetVersionTemplate(thisBuild().Line() + "\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
			return usageError{fmt.Errorf("%w%s; see %s --help", err, likeFlag(cmd, unknown), cmd.CommandPath())}
		}
		return usageError{err}
	})
	root.AddGroup(
		&cobra.Group{ID: groupDaemon, Title: "The daemon:"},
		&cobra.Group{ID: groupForms, Title: "Forms and replies:"},
		&cobra.Group{ID: groupRecord, Title: "What is recorded:"},
	)
	root.AddCommand(
		serveCommand(e), demoCommand(e), statusCommand(e), inboxCommand(e), outboxCommand(e), resumeCommand(e),
		doctorCommand(e),
		checkCommand(e), formCommand(e), previewCommand(e), replayCommand(e),
		ordersCommand(e), casesCommand(e), peopleCommand(e), importCommand(e), userCommand(e), backupCommand(e),
		verifyCommand(e), restoreCommand(e),
		versionCommand(e), manCommand(e),
	)
	root.SetHelpCommand(helpCommand())
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			describeCompletion(cmd)
		}
	}
	plain(root)
	return root
}

// describeCompletion puts our words in the place of cobra's, in its command completion.
func describeCompletion(cmd *cobra.Command) {
	cmd.Use = "completion bash|fish|powershell|zsh"
	cmd.Short = "Write the script by which a shell completes the commands of bdc"
	cmd.Long = `Write the script by which a shell completes the commands of bdc, their flags, and the values
that these can have. "bdc completion SHELL --help" says where to put it.`
	cmd.Example = "  source <(bdc completion bash)"
	verbs(cmd, "expected bash, zsh, fish or powershell")
	const both = "The first line below is for this shell alone, the second for each that is started later."
	words := map[string]struct{ long, example string }{
		"bash": {
			both + "\nBash needs its package bash-completion.",
			"  source <(bdc completion bash)\n  bdc completion bash >/etc/bash_completion.d/bdc",
		},
		"zsh": {
			both + "\n~/.zshrc needs the line: autoload -U compinit; compinit",
			"  source <(bdc completion zsh)\n" + `  bdc completion zsh >"${fpath[1]}/_bdc"`,
		},
		"fish": {
			both, "  bdc completion fish | source\n  bdc completion fish >~/.config/fish/completions/bdc.fish",
		},
		"powershell": {
			"The line below is for this shell alone; in the profile, it is for each that is started later.",
			"  bdc completion powershell | Out-String | Invoke-Expression",
		},
	}
	for _, shell := range cmd.Commands() {
		shell.Short = "Write the script for " + shell.Name()
		shell.Long = shell.Short + ".\n\n" + words[shell.Name()].long
		shell.Example = words[shell.Name()].example
		if f := shell.Flags().Lookup("no-descriptions"); f != nil {
			f.Usage = "leave out what each command and flag does"
		}
	}
}

// plain leaves cobra's "[flags]" out of the line of usage of a command and of its
// subcommands: our lines name the flags themselves.
func plain(cmd *cobra.Command) {
	cmd.DisableFlagsInUseLine = true
	for _, sub := range cmd.Commands() {
		plain(sub)
	}
}

// helpCommand is bdc help.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show how a command is called",
		Example: `  bdc help
  bdc help check`,
		DisableFlagsInUseLine: true,
		ValidArgsFunction: func(
			cmd *cobra.Command, args []string, _ string,
		) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if about, _, err := cmd.Root().Find(args); err == nil {
				for _, sub := range about.Commands() {
					if sub.IsAvailableCommand() {
						names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return usageError{err}
			}
			if len(rest) > 0 {
				return noCommand(about, rest[0])
			}
			about.InitDefaultHelpFlag() // so that help names them
			about.InitDefaultVersionFlag()
			return about.Help()
		},
	}
}

// noCommand is the error for a subcommand that does not exist. It names those with similar
// names.
func noCommand(cmd *cobra.Command, name string) error {
	return usageError{fmt.Errorf("no command %q%s; see %s --help", name, didYouMean(cmd, name), cmd.CommandPath())}
}

// didYouMean asks whether a subcommand with a similar name was meant. It returns "" if no
// name is similar.
func didYouMean(cmd *cobra.Command, name string) string {
	if cmd.SuggestionsMinimumDistance <= 0 {
		cmd.SuggestionsMinimumDistance = 2 // edits, of Levenshtein's distance
	}
	like := cmd.SuggestionsFor(name)
	if len(like) == 0 {
		return ""
	}
	return " (did you mean " + strings.Join(like, " or ") + "?)"
}

// likeFlag asks whether a flag with a similar name was meant, like didYouMean. A flag with one dash, as -json,
// is read as one letter after the other.
func likeFlag(cmd *cobra.Command, unknown *pflag.NotExistError) string {
	name, _, _ := strings.Cut(unknown.GetSpecifiedShortnames(), "=")
	if len(name) > 1 && cmd.Flags().Lookup(name) != nil {
		return " (did you mean --" + name + "?)"
	}
	// cobra looks for similar names among subcommands only: make one of each flag.
	flags := cobra.Command{SuggestionsMinimumDistance: 1}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			flags.AddCommand(&cobra.Command{Use: "--" + f.Name, Run: func(*cobra.Command, []string) {}})
		}
	})
	return didYouMean(&flags, "--"+unknown.GetSpecifiedName())
}

// verbs adds subcommands to a command that does nothing by itself. A call without any of
// them fails with the words of expected.
func verbs(cmd *cobra.Command, expected string, subs ...*cobra.Command) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError{errors.New(expected)}
		}
		return usageError{errors.New(expected + didYouMean(cmd, args[0]))}
	}
	cmd.AddCommand(subs...)
	return cmd
}

// exactly accepts n arguments; with any other number the call fails with the words of
// expected.
func exactly(n int, expected string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{errors.New(expected)}
		}
		return nil
	}
}

// noConfig is the error of a call without -c.
const noConfig = "name the configuration: -c bdc.toml"

// onlyConfig refuses a call without a configuration, or with arguments.
func onlyConfig(path string, args []string) error {
	switch {
	case len(args) > 0:
		return usageError{fmt.Errorf("unexpected %q", args[0])}
	case path == "":
		return usageError{errors.New(noConfig)}
	}
	return nil
}

// configFlag adds -c, which says where the configuration is.
func configFlag(cmd *cobra.Command, flags *pflag.FlagSet, path *string, use string) {
	flags.StringVarP(path, "config", "c", "", use)
	files := func([]string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return []cobra.Completion{"toml"}, cobra.ShellCompDirectiveFilterFileExt
	}
	_ = cmd.RegisterFlagCompletionFunc("config", complete(files)) // fails only for a flag that is not there
}

// complete makes a completion of a function that looks only at the arguments before it.
func complete(of func(args []string) ([]cobra.Completion, cobra.ShellCompDirective)) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return of(args)
	}
}

// choices tells the completion of the shells which values a flag can have.
func choices(cmd *cobra.Command, flag string, values ...string) {
	fixed := cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	_ = cmd.RegisterFlagCompletionFunc(flag, fixed) // fails only for a flag that is not there
}

// usageTemplate is cobra's, with the commands as they are typed.
const usageTemplate = `Usage:
  {{.UseLine}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{$commands := .Commands}}{{$path := .CommandPath -}}
{{if .HasAvailableSubCommands}}{{range .Groups}}{{$id := .ID}}

{{.Title}}{{range $commands}}{{if and (eq .GroupID $id) .IsAvailableCommand}}
  {{$path}} {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}{{end}}{{if not .AllChildCommandsHaveGroup}}

{{if .Groups}}Others:{{else}}Commands:{{end}}{{range $commands}}{{if and (eq .GroupID "") .IsAvailableCommand}}
  {{$path}} {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Flags of every {{.Parent.CommandPath}} command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

"{{.CommandPath}} COMMAND --help" says more about a command.{{end}}
`

// manCommand is bdc man, for whoever packages the program.
func manCommand(env) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the man pages into a folder",
		Example: "  bdc man share/man/man1",
		Hidden:  true,
		Args:    exactly(1, "name the folder to write the man pages to"),
		RunE: func(cmd *cobra.Command, args []string) error {
			// Without a Title, each page has the name of its command.
			header := &doc.GenManHeader{Section: "1", Source: "bdc " + thisBuild().Version, Manual: "Bons de commande"}
			return errors.Join(os.MkdirAll(args[0], 0o755), doc.GenManTree(cmd.Root(), header, args[0]))
		},
	}
}
