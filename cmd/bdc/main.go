// Command bdc reads the order forms that booksellers mail, checks them, records
// the orders and answers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes: 0 done; 1 done, with something to say (a form that would not be
// accepted, a fault found); 2 an unusable call or configuration.
const (
	exitOK = iota
	exitFound
	exitUsage
)

const usage = `bdc: bons de commande, from the inbox to the order and its answer

  bdc serve   -c bdc.toml [--shadow]   the daemon; --shadow examines and records aside, answers and moves nothing
  bdc demo    [--exit]                 the whole job on embedded mail servers with sample mail
  bdc check   FILE… [--json] [-c bdc.toml]
                                       examine .xlsx or .eml files, order nothing
  bdc form    -o FILE.xlsx             write the blank form
  bdc preview REPLY [-c bdc.toml] [--html] [-o FILE] | --words FOLDER
                                       show a reply with sample data, in the words of the configuration; or write our words to files
  bdc import  annuaire|catalogue|libraires FILE… -c bdc.toml
  bdc orders  list | show N | export --format jsonl|csv|xlsx [-o FILE]   -c bdc.toml
  bdc cases   list | show N            -c bdc.toml
  bdc replay  [--since 2026-09-01] -c bdc.toml [--json]
                                       examine stored forms again by today's rules and registers: say what would change, change nothing
  bdc status  -c bdc.toml [--json]     how the daemon fares
  bdc inbox   hold [REASON…] | release   -c bdc.toml
                                       leave new messages in the mailbox, or take them in again
  bdc outbox  hold [REASON…] | release   -c bdc.toml
                                       keep replies from being sent, or let them go again
  bdc user    add NAME [--role lecture|vente|administration] [--name "Claire Morel"] | close NAME | list   -c bdc.toml
  bdc doctor  -c bdc.toml              try everything that the configuration names
  bdc backup  FILE -c bdc.toml         a consistent copy, the daemon running or not

Exit codes: 0 done (check: all would be accepted; replay: nothing would change); 1 something was found, or failed; 2 unusable call or configuration.
`

// env is what a subcommand may touch.
type env struct {
	args           []string // after the subcommand
	environ        []string
	stdout, stderr io.Writer
}

// usageError is a call or configuration that cannot be used: exit code 2.
type usageError struct{ error }

// errFound ends a command that has said what it found: exit code 1.
var errFound = errors.New("found")

func commands() map[string]func(context.Context, env) error {
	return map[string]func(context.Context, env) error{
		"serve": runServe, "demo": runDemo, "check": runCheck, "form": runForm, "preview": runPreview, "import": runImport, "orders": runOrders,
		"cases": runCases, "status": runStatus, "doctor": runDoctor, "backup": runBackup, "user": runUser, "outbox": runOutbox, "inbox": runInbox,
		"replay":        runReplay,
		annotateCommand: runAnnotate,
	}
}

func main() {
	// The first signal drains; after it the default is back, so the second kills.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], env{environ: os.Environ(), stdout: os.Stdout, stderr: os.Stderr}))
}

// run runs one subcommand and returns the exit code.
func run(ctx context.Context, args []string, e env) int {
	if len(args) == 0 {
		fmt.Fprint(e.stderr, usage)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		fmt.Fprint(e.stdout, usage)
		return exitOK
	}
	command, ok := commands()[args[0]]
	if !ok {
		fmt.Fprintf(e.stderr, "bdc: no command %q\n\n%s", args[0], usage)
		return exitUsage
	}
	e.args = args[1:]
	err := command(ctx, e)
	var unusable usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errFound):
		return exitFound
	case errors.As(err, &unusable):
		fmt.Fprintf(e.stderr, "bdc %s: %v\n", args[0], err)
		return exitUsage
	}
	fmt.Fprintf(e.stderr, "bdc %s: %v\n", args[0], err)
	return exitFound
}

// flags is a flag set that takes its flags before, between and after the
// arguments, as in "bdc check FILE --json".
type flags struct{ *flag.FlagSet }

func (e env) flags(name string) flags {
	f := flag.NewFlagSet("bdc "+name, flag.ContinueOnError)
	f.SetOutput(io.Discard) // faults are told once, by run
	return flags{f}
}

// parse returns the arguments that are no flags.
func (f flags) parse(args []string) (rest []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, usageError{errors.New("see bdc help")}
			}
			return nil, usageError{err}
		}
		if f.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, f.Arg(0)), f.Args()[1:]
	}
}
