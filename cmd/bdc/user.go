package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"bdc/order"
	"bdc/review"
	"bdc/store"

	"github.com/spf13/cobra"
)

// expectedOfUser is the error of bdc user for a call without one of its verbs.
const expectedOfUser = "expected add NAME, list, password NAME, role NAME ROLE, rename OLD NEW, close NAME or " +
	"reopen NAME"

// userCommand is bdc user.
func userCommand(e env) *cobra.Command {
	var path string
	cmd := verbs(&cobra.Command{
		Use:   "user add|list|password|role|rename|close|reopen … -c bdc.toml",
		Short: "Add, list and change the users of the console",
		Example: `  bdc user add claire.morel --name "Claire Morel" -c bdc.toml
  bdc user role claire.morel administration -c bdc.toml
  bdc user close zoe -c bdc.toml`,
		GroupID: groupRecord,
	}, expectedOfUser, userAddCommand(e, &path), userListCommand(e, &path), userPasswordCommand(e, &path),
		userRoleCommand(e, &path), userRenameCommand(e, &path), userCloseCommand(e, &path),
		userReopenCommand(e, &path))
	configFlag(cmd, cmd.PersistentFlags(), &path, "configuration `FILE`")
	// Named here too, so that it may stand before the verb.
	cmd.Flags().Bool("password-stdin", false, "")
	_ = cmd.Flags().MarkHidden("password-stdin") // fails only for a flag that is not there
	return cmd
}

// userAddCommand is bdc user add. path is that of the configuration, set when it runs.
func userAddCommand(e env, path *string) *cobra.Command {
	var role, full string
	var stdin bool
	cmd := &cobra.Command{
		Use:   `add NAME [--role lecture|vente|administration] [--name "Claire Morel"] -c bdc.toml`,
		Short: "Add a user",
		Long: `Add a user of the console. The password is drawn at random and shown, or read with
--password-stdin. A name that a user has or had is refused.

The roles: lecture only looks; vente also decides and answers; administration also imports
registers and manages users.`,
		Example: `  bdc user add claire.morel --name "Claire Morel" -c bdc.toml
  bdc user add zoe --role lecture --password-stdin -c bdc.toml <zoe.password`,
		Args: func(cmd *cobra.Command, args []string) error {
			return errors.Join(newUser(0, 1)(cmd, args), knownRole(order.Role(role)))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			u := order.User{Name: args[0], FullName: full, Role: order.Role(role)}
			return withNewClient(cmd.Context(), e, *path, func(ctx context.Context, d *client) error {
				return addUser(ctx, e, d, u, stdin)
			})
		},
	}
	cmd.Flags().StringVar(&role, "role", string(order.Sales), "`ROLE`: lecture, vente or administration")
	cmd.Flags().StringVar(&full, "name", "", "full `NAME`")
	passwordFlag(cmd, &stdin)
	choices(cmd, "role", roles()...)
	return cmd
}

// passwordFlag adds --password-stdin.
func passwordFlag(cmd *cobra.Command, stdin *bool) {
	cmd.Flags().BoolVar(stdin, "password-stdin", false,
		"read the password from the standard input instead of drawing one")
}

func roles() []string {
	return []string{string(order.Reading), string(order.Sales), string(order.Admin)}
}

func knownRole(r order.Role) error {
	if !order.Admin.Covers(r) {
		return usageError{errors.New("the role must be lecture, vente or administration")}
	}
	return nil
}

// newUser accepts so many arguments, of which the one at index can be the name of a user.
func newUser(index, arguments int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := exactly(arguments, expectedOfUser)(cmd, args); err != nil {
			return err
		}
		if name, err := order.ParseUserName(args[index]); err != nil || name != args[index] {
			return usageError{fmt.Errorf("%q: %w", args[index], order.ErrUserName)}
		}
		return nil
	}
}

// userListCommand is bdc user list.
func userListCommand(e env, path *string) *cobra.Command {
	return &cobra.Command{
		Use:     "list -c bdc.toml",
		Short:   "List the users, one a line",
		Example: "  bdc user list -c bdc.toml",
		Args:    exactly(0, expectedOfUser),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withClient(cmd.Context(), e, *path, func(ctx context.Context, d *client) error {
				return listUsers(ctx, e, d)
			})
		},
	}
}

// userPasswordCommand is bdc user password.
func userPasswordCommand(e env, path *string) *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use:   "password NAME [--password-stdin] -c bdc.toml",
		Short: "Give a user a new password",
		Long: `Give a user a new password, drawn at random and shown, or read with --password-stdin. The
user is signed out everywhere.`,
		Example: "  bdc user password claire.morel -c bdc.toml",
		Args:    exactly(1, expectedOfUser),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withUser(cmd.Context(), e, *path, args[0], func(ctx context.Context, d *client, u order.User) error {
				return givePassword(e, u, stdin, func(hash string) error { return d.GivePassword(ctx, u, hash) })
			})
		},
	}
	passwordFlag(cmd, &stdin)
	return cmd
}

// userRoleCommand is bdc user role.
func userRoleCommand(e env, path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "role NAME lecture|vente|administration -c bdc.toml",
		Short: "Give a user another role",
		Long: `Give a user another role. It counts at once, also where the user is signed in. The last
administrator keeps the role.`,
		Example: "  bdc user role claire.morel administration -c bdc.toml",
		ValidArgsFunction: complete(func(args []string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return roles(), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		}),
		Args: func(cmd *cobra.Command, args []string) error {
			if err := exactly(2, expectedOfUser)(cmd, args); err != nil {
				return err
			}
			return knownRole(order.Role(args[1]))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return withUser(cmd.Context(), e, *path, args[0], func(ctx context.Context, d *client, u order.User) error {
				return d.SetRole(ctx, u, order.Role(args[1]))
			})
		},
	}
}

// userRenameCommand is bdc user rename.
func userRenameCommand(e env, path *string) *cobra.Command {
	var full string
	cmd := &cobra.Command{
		Use:   `rename OLD NEW [--name "Claire Morel"] -c bdc.toml`,
		Short: "Give a user another name",
		Long: `Give a user another name to sign in with, and with --name another full name. Where the user
is signed in, that goes on; the user's cases go along. The audit keeps what was done under
the old name, which nobody else can get. With NEW the same as OLD, only the full name changes.`,
		Example: `  bdc user rename claire.morel claire.durand --name "Claire Durand" -c bdc.toml`,
		Args:    newUser(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withUser(cmd.Context(), e, *path, args[0], func(ctx context.Context, d *client, u order.User) error {
				if !cmd.Flags().Changed("name") {
					full = u.FullName
				}
				return taken(args[1], d.Rename(ctx, u, args[1], full))
			})
		},
	}
	cmd.Flags().StringVar(&full, "name", "", "full `NAME`")
	return cmd
}

// userCloseCommand is bdc user close.
func userCloseCommand(e env, path *string) *cobra.Command {
	return &cobra.Command{
		Use:     "close NAME -c bdc.toml",
		Short:   "Keep a user from signing in",
		Long:    "Keep a user from signing in, and sign the user out everywhere. The last administrator stays.",
		Example: "  bdc user close zoe -c bdc.toml",
		Args:    exactly(1, expectedOfUser),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withUser(cmd.Context(), e, *path, args[0], func(ctx context.Context, d *client, u order.User) error {
				if u.Closed {
					return fmt.Errorf("%s is closed already", u.Name)
				}
				return d.CloseUser(ctx, u)
			})
		},
	}
}

// userReopenCommand is bdc user reopen.
func userReopenCommand(e env, path *string) *cobra.Command {
	return &cobra.Command{
		Use:     "reopen NAME -c bdc.toml",
		Short:   "Let a closed user sign in again, with the password of before",
		Example: "  bdc user reopen zoe -c bdc.toml",
		Args:    exactly(1, expectedOfUser),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withUser(cmd.Context(), e, *path, args[0], func(ctx context.Context, d *client, u order.User) error {
				if !u.Closed {
					return fmt.Errorf("%s is not closed", u.Name)
				}
				return d.ReopenUser(ctx, u)
			})
		},
	}
}

// withUser calls run with a client, which it opens and closes, and the user of a name.
func withUser(
	ctx context.Context, e env, path, name string, run func(context.Context, *client, order.User) error,
) error {
	return withClient(ctx, e, path, func(ctx context.Context, d *client) error {
		users, err := d.Users(ctx)
		if err != nil {
			return err
		}
		for _, u := range users {
			if u.Name == name {
				return run(ctx, d, u)
			}
			if u.Had(name) {
				return fmt.Errorf("no user %s any more: the name is %s now", name, u.Name)
			}
		}
		return fmt.Errorf("no user %s; bdc user list names them", order.Printable(name))
	})
}

// addUser records a user. The password is read from the standard input if stdin is set, and
// else drawn at random and shown.
func addUser(ctx context.Context, e env, d *client, u order.User, stdin bool) (err error) {
	u.CreatedAt = time.Now().UTC()
	return givePassword(e, u, stdin, func(hash string) error {
		u.Password = hash
		return taken(u.Name, d.AddUser(ctx, u))
	})
}

// taken says of an error that wraps store.ErrExists what to do.
func taken(name string, err error) error {
	if errors.Is(err, store.ErrExists) {
		return fmt.Errorf("a user is called %s already, or was: take another name, or change that user with "+
			"bdc user password, role, rename or reopen", name)
	}
	return err
}

// givePassword draws or reads a password, hands its hash to keep, and then shows it if it
// was drawn.
func givePassword(e env, u order.User, stdin bool, keep func(hash string) error) (err error) {
	password := review.DrawPassword()
	if stdin {
		if password, err = readPassword(); err != nil {
			return err
		}
	}
	hash, err := review.HashPassword(password)
	if err != nil {
		return err
	}
	if err := keep(hash); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "User:     %s (%s)\n", u.Name, u.Role)
	if !stdin {
		fmt.Fprintf(e.stdout, "Password: %s\n", password)
	}
	return nil
}

func listUsers(ctx context.Context, e env, d *client) error {
	users, err := d.Users(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "USER\tNAME\tROLE\tCLOSED\tSINCE\tLAST SIGN-IN")
	for _, u := range users {
		entered := "-"
		if !u.EnteredAt.IsZero() {
			entered = u.EnteredAt.In(order.Paris).Format(time.DateOnly)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%t\t%s\t%s\n", u.Name, order.Printable(u.FullName), u.Role, u.Closed,
			u.CreatedAt.In(order.Paris).Format(time.DateOnly), entered)
	}
	return table.Flush()
}

// readPassword returns the first line of the standard input.
func readPassword() (string, error) {
	line := bufio.NewScanner(os.Stdin)
	if !line.Scan() {
		return "", errors.Join(errors.New("no password on the standard input"), line.Err())
	}
	return line.Text(), nil
}
