package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"bdc/order"
	"bdc/review"
	"bdc/store"

	"github.com/spf13/cobra"
)

// userName is what one signs in with.
var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)

// expectedOfUser is the error of bdc user for a call without one of its verbs.
const expectedOfUser = "expected add NAME, close NAME or list"

// userCommand is bdc user.
func userCommand(e env) *cobra.Command {
	var path string
	cmd := verbs(&cobra.Command{
		Use:   "user add NAME | close NAME | list   -c bdc.toml",
		Short: "Add, close or list the users of the console",
		Example: `  bdc user add claire.morel --name "Claire Morel" -c bdc.toml
  bdc user close zoe -c bdc.toml`,
		GroupID: groupRecord,
	}, expectedOfUser, userAddCommand(e, &path), userCloseCommand(e, &path), userListCommand(e, &path))
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
		Short: "Add a user, or give a user another role, name and password",
		Long: `Add a user of the console, or give the user of that name another role, full name and
password. The password is drawn at random and shown, or read with --password-stdin.

The roles: lecture only looks; vente also decides and answers; administration also imports
registers and manages users.`,
		Example: `  bdc user add claire.morel --name "Claire Morel" -c bdc.toml
  bdc user add zoe --role lecture --password-stdin -c bdc.toml <zoe.password`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := oneUser(cmd, args); err != nil {
				return err
			}
			if r := order.Role(role); !order.Admin.Covers(r) {
				return usageError{errors.New("--role must be lecture, vente or administration")}
			}
			return nil
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
	cmd.Flags().BoolVar(&stdin, "password-stdin", false,
		"read the password from the standard input instead of drawing one")
	choices(cmd, "role", string(order.Reading), string(order.Sales), string(order.Admin))
	return cmd
}

// userCloseCommand is bdc user close.
func userCloseCommand(e env, path *string) *cobra.Command {
	return &cobra.Command{
		Use:     "close NAME -c bdc.toml",
		Short:   "Keep a user from signing in",
		Example: "  bdc user close zoe -c bdc.toml",
		Args:    oneUser,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withClient(cmd.Context(), e, *path, func(ctx context.Context, d *client) error {
				return closeUser(ctx, d, args[0])
			})
		},
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

// oneUser accepts one argument that can be the name of a user.
func oneUser(cmd *cobra.Command, args []string) error {
	if err := exactly(1, expectedOfUser)(cmd, args); err != nil {
		return err
	}
	if !userName.MatchString(args[0]) {
		return usageError{fmt.Errorf("%q is no name to sign in with: lower-case letters, digits, dots and "+
			"hyphens, such as claire.morel", args[0])}
	}
	return nil
}

// addUser records a user. The password is read from the standard input if stdin is set, and
// else drawn at random and shown.
func addUser(ctx context.Context, e env, d *client, u order.User, stdin bool) (err error) {
	password := drawPassword()
	if stdin {
		if password, err = readPassword(); err != nil {
			return err
		}
	}
	u.CreatedAt = time.Now().UTC()
	if u.Password, err = review.HashPassword(password); err != nil {
		return err
	}
	if err := d.SaveUser(ctx, u); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "User:     %s (%s)\n", u.Name, u.Role)
	if !stdin {
		fmt.Fprintf(e.stdout, "Password: %s\n", password)
	}
	return nil
}

// closeUser closes the account of a user, who can then no longer sign in.
func closeUser(ctx context.Context, d *client, name string) error {
	u, err := findUser(ctx, d, name)
	if err != nil {
		return err
	}
	u.Closed = true
	return d.SaveUser(ctx, u)
}

func listUsers(ctx context.Context, e env, d *client) error {
	users, err := d.Users(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "USER\tNAME\tROLE\tCLOSED")
	for _, u := range users {
		fmt.Fprintf(table, "%s\t%s\t%s\t%t\n", u.Name, order.Printable(u.FullName), u.Role, u.Closed)
	}
	return table.Flush()
}

func findUser(ctx context.Context, d *client, name string) (order.User, error) {
	users, err := d.Users(ctx)
	if err != nil {
		return order.User{}, err
	}
	for _, u := range users {
		if u.Name == name {
			return u, nil
		}
	}
	return order.User{}, fmt.Errorf("user %s: %w", name, store.ErrNotFound)
}

// drawPassword returns a password of 80 random bits: four groups of letters and digits, of
// those that are not mistaken for others.
func drawPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789z"
	var b [16]byte
	rand.Read(b[:])
	var s strings.Builder
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			s.WriteByte('-')
		}
		s.WriteByte(letters[c%32])
	}
	return s.String()
}

// readPassword returns the first line of the standard input.
func readPassword() (string, error) {
	line := bufio.NewScanner(os.Stdin)
	if !line.Scan() {
		return "", errors.Join(errors.New("no password on the standard input"), line.Err())
	}
	return line.Text(), nil
}
