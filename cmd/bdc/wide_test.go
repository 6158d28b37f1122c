package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestLinesAreNotWide holds Go and Markdown to 120 columns, where a tab takes
// four. Rows of Markdown tables can't be broken, and are left out.
func TestLinesAreNotWide(t *testing.T) {
	const most = 120
	files := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && (name == "testdata" || name == "node_modules" || name == ".git") {
			return fs.SkipDir
		}
		ext := filepath.Ext(path)
		if ext != ".go" && ext != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		number := 0
		for line := range bytes.Lines(text) {
			number++
			row := ext == ".md" && line[0] == '|'
			width := utf8.RuneCount(bytes.TrimRight(line, "\n")) + 3*bytes.Count(line, []byte("\t"))
			if width <= most || row {
				continue
			}
			path = strings.TrimPrefix(path, "../../")
			t.Errorf("%s:%d is %d columns wide, want at most %d", path, number, width, most)
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Fatalf("got %d files (%v), want hundreds", files, err)
	}
}
