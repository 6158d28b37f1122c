package sheettest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/bench/need"
)

// Convert has LibreOffice open workbooks, compute them and save each as
// another kind of file. Without LibreOffice the test is skipped.
func Convert(t *testing.T, format string, workbooks ...[]byte) [][]byte {
	t.Helper()
	soffice := need.LibreOffice(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	args := []string{
		"-env:UserInstallation=file://" + filepath.Join(dir, "profile"),
		"--headless",
		"--convert-to",
		format,
		"--outdir",
		out,
	}
	for i, data := range workbooks {
		in := filepath.Join(dir, fmt.Sprintf("%d.xlsx", i))
		if err := os.WriteFile(in, data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, in)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if said, err := exec.CommandContext(ctx, soffice, args...).CombinedOutput(); err != nil {
		t.Fatalf("convert to %s: %v\n%s", format, err, said)
	}
	extension, _, _ := strings.Cut(format, ":")
	converted := make([][]byte, len(workbooks))
	for i := range workbooks {
		var err error
		if converted[i], err = os.ReadFile(filepath.Join(out, fmt.Sprintf("%d.%s", i, extension))); err != nil {
			t.Fatal(err)
		}
	}
	return converted
}
