package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bdc/cmd/bdc/demo"
	"bdc/templates"
)

// onDisk puts the data file of a configuration onto another disk, and adds lines.
func onDisk(t *testing.T, config, dir, lines string) (data string) {
	t.Helper()
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	data = filepath.Join(dir, "record.db")
	text = bytes.ReplaceAll(text, []byte(`data = "bdc.db"`), fmt.Appendf(nil, "data = %q", data))
	if err := os.WriteFile(config, append(text, lines...), 0o600); err != nil {
		t.Fatal(err)
	}
	return data
}

// deliverAgain delivers a sample whose order differs from those delivered before.
func deliverAgain(t *testing.T, world *demo.World, nth int) {
	t.Helper()
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	samples, err := demo.Samples(form)
	if err != nil {
		t.Fatal(err)
	}
	raw := bytes.Replace(samples[0].Raw, []byte("Subject: "), fmt.Appendf(nil, "Subject: %d ", nth), 1)
	if err := world.Deliver(raw); err != nil {
		t.Fatal(err)
	}
}

// TestDataFileLeavesItsPlace: while a copy stands where the daemon's data file was, nothing is
// taken in, the state says so, and what the file had is saved. When it is back, all goes on.
func TestDataFileLeavesItsPlace(t *testing.T) {
	world, config := demoInbox(t)
	dir := t.TempDir()
	data := onDisk(t, config, dir, fmt.Sprintf("[backup]\nevery = \"1h\"\nfolder = %q\nkeep = 2\n", dir))
	stop := startDaemon(t, config, false)
	defer stop()
	awaitStatus(t, data, "the samples settled", settledMessages(14))
	var made []string
	if !until(t, func() bool { made, _ = filepath.Glob(filepath.Join(dir, "record-*.db")); return len(made) > 0 }) {
		t.Fatal("no backup was made")
	}
	want(t, "verify", made[0])
	if said := want(t, "status", "-c", config); !strings.Contains(said, "next one") {
		t.Errorf("got\n%s\nwant it to say when the next backup is made", said)
	}
	before := want(t, "orders", "list", "-c", config)

	if err := os.Rename(data, data+".away"); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(made[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(data, copied, 0o600); err != nil {
		t.Fatal(err)
	}
	deliverAgain(t, world, 1)
	code, said := await(t, "is saved in "+data+".saved-", "status", "-c", config)
	if code != exitFound || !strings.Contains(said, "no longer in its place") ||
		!strings.Contains(said, "nothing is taken in") {
		t.Errorf("replaced: got exit code %d and\n%s", code, said)
	}
	if after := want(t, "orders", "list", "-c", config); after != before {
		t.Errorf("replaced: got the orders\n%s\nwant those of before\n%s", after, before)
	}
	saved, _ := filepath.Glob(data + ".saved-*")
	if len(saved) != 1 {
		t.Fatalf("got the saved files %q, want one", saved)
	}
	if said := want(t, "verify", saved[0]); !strings.Contains(said, "is sound") {
		t.Errorf("the saved file: got\n%s", said)
	}

	if err := os.Rename(data+".away", data); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, data, "the mail taken in", settledMessages(15))
	if code, said, _ := call(t, "status", "-c", config); code != exitOK || strings.Contains(said, "FAULT") {
		t.Errorf("back in its place: got exit code %d and\n%s", code, said)
	}
}

// TestFullDiskUnderTheDaemon: the data file's trouble is called so in the status, the mailbox
// has none, and the mail that waited is taken in once there is room.
func TestFullDiskUnderTheDaemon(t *testing.T) {
	world, config := demoInbox(t)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=48m"); err != nil {
		t.Skip("needs the right to mount a disk of a few MiB: ", err)
	}
	defer syscall.Unmount(dir, 0)
	data := onDisk(t, config, dir, "")
	stop := startDaemon(t, config, false)
	defer stop()
	awaitStatus(t, data, "the samples settled", settledMessages(14))

	ballast := filepath.Join(dir, "ballast")
	fill, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	chunk := make([]byte, 4096)
	for err == nil {
		_, err = fill.Write(chunk)
	}
	fill.Close()
	said := ""
	for nth := 0; nth < 200 && !strings.Contains(said, "data     FAULT"); nth++ { // the file has some room of its own
		deliverAgain(t, world, nth)
		_, said, _ = call(t, "status", "-c", config)
	}
	if !strings.Contains(said, "data     FAULT") {
		_, said = await(t, "data     FAULT", "status", "-c", config)
	}
	inbox, _, _ := strings.Cut(said[strings.Index(said, "inbox"):], "outbox")
	if !strings.Contains(said, "no space left on device") || strings.Contains(inbox, "FAULT") {
		t.Errorf("full: got\n%s\nwant trouble of the data file, and none of the inbox", said)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	mended := func() bool {
		_, said, _ = call(t, "status", "-c", config)
		return strings.Contains(said, "0 to examine, 0 to move") && !strings.Contains(said, "data     FAULT")
	}
	if !until(t, mended) {
		t.Errorf("with room again: got at last\n%s\nwant all taken in and no fault", said)
	}
	want(t, "verify", "-c", config)
}
