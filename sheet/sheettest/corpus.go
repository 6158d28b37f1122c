package sheettest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"bdc/bench/need"
)

// Corpus is the folder of workbooks that spreadsheet readers were tested on. It lies
// beside the repository, not in it: without it the test is skipped.
func Corpus(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	corpus := filepath.Join(dir, "..", "shared", "data", "xlsx")
	need.Data(t, corpus)
	return corpus
}

// CorpusFiles are the files of the corpus.
func CorpusFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(Corpus(t), "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no workbooks in the corpus")
	}
	return files
}

// Within runs f and says whether it came back before the time was over.
func Within(most time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return true
	case <-time.After(most):
		return false
	}
}
