// Package need says what a test needs besides Go. A test that calls one of its
// functions is skipped where the thing is missing, with a message that names the
// thing and the Debian package that brings it. The test fails instead where the
// environment's BDC_TEST_REQUIRE, a list separated by commas, holds the word for
// the thing: "servers", "office", "browser", "node" or "data". CI sets it, so that
// nothing is skipped there by accident. Words that stand for nothing yet do no harm.
//
// Every message begins with "needs ", by which bench/suite finds and counts them.
package need

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// LibreOffice returns the path of LibreOffice. Its word is "office".
func LibreOffice(t testing.TB) string {
	t.Helper()
	return program(t, "office", "LibreOffice (Debian: libreoffice-calc)", "soffice")
}

// Chromium returns the path of Chromium. Its word is "browser".
func Chromium(t testing.TB) string {
	t.Helper()
	return program(t, "browser", "Chromium (Debian: chromium)", "chromium")
}

// Openpyxl returns the path of a Python that has the library openpyxl. Its word is
// "office". Debian's own Python is asked first, since another one may come before
// it in PATH and not have the library.
func Openpyxl(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(name, "-c", "import openpyxl").Run() == nil {
			return name
		}
	}
	missing(t, "office", "openpyxl for Python (Debian: python3-openpyxl)")
	return ""
}

// Node returns the path of Node for a test that uses the JavaScript libraries of a
// folder, which npm has to have installed there. Its word is "node". The folder is
// relative to the test's package.
func Node(t testing.TB, folder string) string {
	t.Helper()
	path := program(t, "node", "Node (Debian: nodejs, npm)", "node")
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		missing(t, "node", "JavaScript libraries (npm ci --prefix "+fromRoot(folder)+")")
	}
	return path
}

// fromRoot is a folder as it is called from the top of the repository.
func fromRoot(folder string) string {
	full, err := filepath.Abs(folder)
	if err != nil {
		return folder
	}
	for root := filepath.Dir(full); root != filepath.Dir(root); root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			rest, _ := strings.CutPrefix(full, root+"/")
			return rest
		}
	}
	return folder
}

// MailServers skips a test that found no Dovecot or Exim to start. It always skips it, or
// fails it, so call it only then. Its word is "servers".
func MailServers(t testing.TB) {
	t.Helper()
	missing(t, "servers", "Dovecot and Exim (Debian: dovecot-imapd, dovecot-lmtpd, exim4-daemon-light)")
}

// Data skips a test if the path, at which its test data should be, does not exist. The
// real workbooks, mails and registers lie beside the repository, not in it. Its word is
// "data".
func Data(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		missing(t, "data", "the test data beside the repository (../shared/data)")
	}
}

// Time skips a test that takes too long for -short.
func Time(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs more time than -short allows")
	}
}

// Brief reports whether a test of very many cases is to try a sample of them: with -short, and
// under the race detector, which finds the same races in it.
func Brief() bool { return testing.Short() || Race }

// Whole skips a test of a case that is in no sample: see Brief.
func Whole(t testing.TB) {
	t.Helper()
	Time(t)
	if Race {
		t.Skip("needs more time than there is under the race detector")
	}
}

// program returns the path of a program, or ends the test where it is missing.
func program(t testing.TB, word, what, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, word, what)
	}
	return path
}

// missing skips the test, or fails it where BDC_TEST_REQUIRE holds the word.
func missing(t testing.TB, word, what string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("BDC_TEST_REQUIRE"), ","), word) {
		t.Fatalf("needs %s, which BDC_TEST_REQUIRE asks for", what)
	}
	t.Skipf("needs %s", what)
}
