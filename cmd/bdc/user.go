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
)

// userName is what one signs in with.
var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)

// runUser adds, lists and closes users of the console.
func runUser(ctx context.Context, e env) (err error) {
	f := e.flags("user")
	config := f.String("c", "", "configuration")
	role := f.String("role", string(order.Sales), "lecture, vente or administration")
	full := f.String("name", "", "full name")
	stdin := f.Bool("password-stdin", false, "read the password from the standard input; drawn otherwise")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	verb := ""
	if len(args) > 0 {
		verb = args[0]
	}
	switch {
	case verb == "list" && len(args) == 1:
	case (verb == "add" || verb == "close") && len(args) == 2:
		if !userName.MatchString(args[1]) {
			return usageError{fmt.Errorf("%q is no name to sign in with: lower-case letters, digits, dots and hyphens, such as claire.morel", args[1])}
		}
	default:
		return usageError{errors.New("say add NAME, close NAME or list")}
	}
	if r := order.Role(*role); !order.Admin.Covers(r) {
		return usageError{errors.New("--role must be lecture, vente or administration")}
	}
	d, err := openClient(ctx, e, *config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	switch verb {
	case "list":
		return listUsers(ctx, e, d)
	case "close":
		u, err := findUser(ctx, d, args[1])
		if err != nil {
			return err
		}
		u.Closed = true
		return d.SaveUser(ctx, u)
	}
	password := drawPassword()
	if *stdin {
		if password, err = readPassword(); err != nil {
			return err
		}
	}
	u := order.User{Name: args[1], FullName: *full, Role: order.Role(*role), CreatedAt: time.Now().UTC()}
	if u.Password, err = review.HashPassword(password); err != nil {
		return err
	}
	if err := d.SaveUser(ctx, u); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "User:     %s (%s)\n", u.Name, u.Role)
	if !*stdin {
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
	fmt.Fprintln(table, "USER\tNAME\tROLE\tCLOSED")
	for _, u := range users {
		fmt.Fprintf(table, "%s\t%s\t%s\t%t\n", u.Name, printable(u.FullName), u.Role, u.Closed)
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

// drawPassword is 80 random bits as four groups of letters and digits that are
// not mistaken for others.
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

// readPassword is the first line of the standard input.
func readPassword() (string, error) {
	line := bufio.NewScanner(os.Stdin)
	if !line.Scan() {
		return "", errors.Join(errors.New("no password on the standard input"), line.Err())
	}
	return line.Text(), nil
}
