package mark

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/grid"
	"bdc/turn"
)

// Bounds of the child process that marks a workbook.
const (
	markerWall   = 10 * time.Second
	markerMemory = 512 << 20
	markerOutput = 64 << 20 // bytes that the child may write
	markerTurns  = 2        // children at a time, if the gate is the marker's own
	mailable     = 15 << 20 // bytes of a workbook that mail servers take
)

// Marker marks workbooks. It may be used concurrently; a call of Mark waits for its turn to
// have a child process.
type Marker struct {
	// Turns are those of the child processes. It may be replaced before the first call.
	Turns *turn.Gate

	form    *order.Form
	limits  sheet.Limits
	command []string
	wall    time.Duration
}

// NewMarker makes a Marker of workbooks that were read within the limits lim. The command is
// a program and its arguments. Mark runs it as a child process, in which it must call
// RunChild with its standard input and output. As a rule it is the running program.
func NewMarker(form *order.Form, lim sheet.Limits, command ...string) *Marker {
	return &Marker{turn.New(markerTurns), form, lim, command, markerWall}
}

// Marked is a workbook to be sent back.
type Marked struct {
	Name string // a file name, made of the sender's
	Data []byte
	Own  bool // it is the sender's own workbook; else it is the current form, filled in

	// If it is not the sender's own workbook:
	Draft int   // the index in sheet.Book.Drafts of the order that it holds
	Why   error // why the sender's own workbook could not be marked
}

// Mark marks a workbook that sheet.Read accepts. The name is the sender's file name. The
// code is that of our case, the correspondence about this order. It is hidden in the
// workbook, so that a corrected copy that comes back is known to belong to the case.
//
// The result is the sender's own workbook, marked. If that workbook cannot be marked, the
// result is the current form, filled in and marked, once for each order that has marks;
// this is no error. The error is that of ctx if it is cancelled.
func (m *Marker) Mark(ctx context.Context, name string, workbook []byte, marks []Mark, code string) ([]Marked, error) {
	data, err := m.own(ctx, workbook, marks, code)
	if err == nil {
		return []Marked{{Name: numberedFileName(name, 0), Data: data, Own: true}}, nil
	}
	if errors.Is(ctx.Err(), context.Canceled) { // nobody waits for it
		return nil, ctx.Err()
	}
	fresh, freshErr := m.fresh(name, workbook, marks, code)
	if freshErr != nil {
		return nil, errors.Join(freshErr, err)
	}
	for i := range fresh {
		fresh[i].Why = err
	}
	return fresh, nil
}

// errMacros is why a workbook with macros is not marked: we read such workbooks, but never
// mail one.
var errMacros = errors.New("a workbook with macros")

// errLarge is why a marked workbook is not sent: no mail server would take it.
var errLarge = errors.New("too large to be mailed")

// own has the child mark a workbook, and verifies what it returns.
func (m *Marker) own(ctx context.Context, workbook []byte, marks []Mark, code string) ([]byte, error) {
	if grid.Sniff(workbook) != "xlsx" {
		return nil, errMacros
	}
	leave, err := m.Turns.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	data, err := m.child(ctx, workbook, marks, code)
	if err != nil {
		return nil, err
	}
	if len(data) > mailable {
		return nil, errLarge
	}
	return data, verify(workbook, data, marks, m.limits.Limits)
}

// child runs the child process. Our environment, in which secrets may stand, is not passed
// on to it.
func (m *Marker) child(ctx context.Context, workbook []byte, marks []Mark, code string) ([]byte, error) {
	head, err := json.Marshal(childRequest{marks, code, m.limits.Unzipped})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, m.wall)
	defer cancel()
	cmd := exec.CommandContext(ctx, m.command[0], m.command[1:]...)
	cmd.Env = []string{"GOTRACEBACK=none"}
	cmd.WaitDelay = time.Second
	cmd.Stdin = io.MultiReader(bytes.NewReader(head), strings.NewReader("\n"), bytes.NewReader(workbook))
	out, said := capped{most: markerOutput}, capped{most: 4 << 10, drop: true}
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("marking: %w: %s", cmp.Or(ctx.Err(), err), bytes.TrimSpace(said.Bytes()))
	}
	return out.Bytes(), nil
}

// capped is a buffer of limited size. A write for which there is no room is dropped if drop
// is set, and else an error.
type capped struct {
	bytes.Buffer
	most int
	drop bool
}

func (c *capped) Write(b []byte) (int, error) {
	switch {
	case c.Len()+len(b) <= c.most:
		return c.Buffer.Write(b)
	case c.drop:
		return len(b), nil
	}
	return 0, errors.New("too much output")
}

// childRequest is the first line that the child reads; the workbook follows it.
type childRequest struct {
	Marks    []Mark
	Case     string
	Unzipped int64
}

// RunChild does the work of a Marker's child process: it reads one request from in,
// marks the workbook, and writes it to out. It limits the memory and the processor time
// of the whole process for good: the process must not do anything else.
func RunChild(in io.Reader, out io.Writer) error {
	if err := confine(markerMemory, markerWall); err != nil {
		return fmt.Errorf("confine: %w", err)
	}
	debug.SetMemoryLimit(markerMemory * 3 / 4)
	r := bufio.NewReader(in)
	line, err := r.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	var req childRequest
	if err := json.Unmarshal(line, &req); err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	workbook, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	lim := grid.DefaultLimits()
	lim.Unzipped = req.Unzipped
	data, err := annotate(workbook, req.Marks, req.Case, lim)
	if err != nil {
		return err
	}
	if err := secondOpinion(data, req.Marks); err != nil {
		return err
	}
	_, err = out.Write(data)
	return err
}

// FileName returns the name that Mark gives to a marked workbook. The argument is the name of
// the sender's file, to which a word is added.
func FileName(name string) string { return numberedFileName(name, 0) }

// numberedFileName is the sender's file name with a word added that says it is marked, and
// with a number: from 1 if one file has become several, and 0 for none.
func numberedFileName(name string, number int) string {
	const marked = "-à corriger"
	name = strings.TrimSuffix(name, path.Ext(name))
	name, _, _ = strings.Cut(name, marked)
	if name == "" {
		name = "BdC"
	}
	name += marked
	if number > 0 {
		name += fmt.Sprintf("-%d", number)
	}
	return name + ".xlsx"
}
