package boltstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"bdc/bench/need"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// verified opens a file to be read, and returns the faults that Verify finds in it. The file
// stays as it is.
func verified(t *testing.T, content []byte) (faults []string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	writeFile(t, path, content)
	s, err := boltstore.Open(path, boltstore.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	var last int64
	err = s.Verify(t.Context(), store.Verification{
		Fault: func(words string) { faults = append(faults, words) },
		Progress: func(done, total int64) {
			if done < last || done > total {
				t.Errorf("progress: got %d of %d after %d", done, total, last)
			}
			last = done
		},
	})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, content) {
		t.Errorf("the file was changed (%v)", err)
	}
	return faults, err
}

// named returns the orders that faults say can't be read.
func named(faults []string) map[string]bool {
	numbers := map[string]bool{}
	for _, f := range faults {
		if m := regexp.MustCompile(`^order (CNS-\d+-\d+) can't be read`).FindStringSubmatch(f); m != nil {
			numbers[m[1]] = true
		}
	}
	return numbers
}

// season is a sound file of 72 orders, and of some of everything else.
func season(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bdc.db")
	s := open(t, path)
	var intakes []order.Intake
	for uid := range uint32(72) {
		in := intake(uid + 1)
		if uid%8 == 0 {
			in.Cases = []order.Case{{
				Code: fmt.Sprintf("D-%06d", uid), State: order.Waiting, Message: in.Message.Key, Subject: "Commande",
			}}
		}
		intakes = append(intakes, in)
	}
	for _, r := range s.Record(t.Context(), store.Fence{}, intakes) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	if err := s.Keep(t.Context(), [][]byte{[]byte("a form"), bytes.Repeat([]byte("form "), 20_000)}); err != nil {
		t.Fatal(err)
	}
	var copied bytes.Buffer
	if err := s.Backup(t.Context(), &copied); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return copied.Bytes()
}

// Every page of a file is damaged in turn. Verify names each order that was in it, and no
// other, and comes to its end.
func TestVerifyDamagedPages(t *testing.T) {
	sound := season(t)
	if faults, err := verified(t, sound); err != nil || len(faults) > 0 {
		t.Fatalf("a sound copy: got %q, %v", faults, err)
	}
	page := os.Getpagesize()
	number := regexp.MustCompile(`\{"number":"(CNS-2026-\d+)","status"`)
	hurt, step := 0, 1
	if need.Brief() {
		step = 3
	}
	for at := 2 * page; at+page <= len(sound); at += step * page {
		lost := map[string]bool{}
		live := bytes.Contains(sound[at:at+16], []byte{2, 0}) // a leaf, perhaps one that is free by now
		for _, m := range number.FindAllSubmatch(sound[at:at+page], -1) {
			lost[string(m[1])] = true
		}
		spoilt := bytes.Clone(sound)
		copy(spoilt[at:], bytes.Repeat([]byte{0xfe}, 16))
		faults, err := verified(t, spoilt)
		if err != nil {
			t.Errorf("page %d: %v", at/page, err)
		}
		got := named(faults)
		if len(got) == 0 && len(faults) == 0 || !live {
			continue // nothing points at the page
		}
		if len(got) > 0 {
			hurt++
		}
		for n := range got {
			if len(lost) > 0 && !lost[n] {
				t.Errorf("page %d: %s can be read, and is named", at/page, n)
			}
		}
		for n := range lost {
			if len(got) > 0 && !got[n] {
				t.Errorf("page %d: %s can't be read, and is not named", at/page, n)
			}
		}
	}
	if hurt < 5/step {
		t.Errorf("got %d pages with orders, want more", hurt)
	}
}

// A file damaged anywhere, by a little or by much, is refused or verified to its end.
func TestVerifyDamagedAnywhere(t *testing.T) {
	sound := season(t)
	rounds := 2000
	if need.Brief() {
		rounds = 60
	}
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range rounds {
		spoilt := bytes.Clone(sound)
		for range 1 + random.IntN(3) {
			at, n := random.IntN(len(spoilt)), 1+random.IntN(12)
			for i := at; i < min(at+n, len(spoilt)); i++ {
				spoilt[i] = byte(random.IntN(256))
			}
		}
		if random.IntN(10) == 0 {
			spoilt = spoilt[:random.IntN(len(spoilt))]
		}
		faults, err := verified(t, spoilt)
		if err != nil || len(faults) > 0 {
			found++
		}
	}
	if found < rounds/3 {
		t.Errorf("got %d faults in %d damaged files", found, rounds)
	}
}

// A page that points at itself, or at one above it, leads nowhere.
func TestVerifyPagesInACircle(t *testing.T) {
	sound := season(t)
	page := os.Getpagesize()
	branches := 0
	for at := 2 * page; at+page <= len(sound); at += page {
		if sound[at+8] != 1 || sound[at+9] != 0 { // no branch
			continue
		}
		branches++
		spoilt := bytes.Clone(sound)
		copy(spoilt[at+16+8:at+16+16], sound[at:at+8]) // its first element points at itself
		if faults, err := verified(t, spoilt); err != nil {
			t.Errorf("page %d: got %q, %v", at/page, faults, err)
		}
	}
	if branches == 0 {
		t.Error("found no branch")
	}
}

// One value that is no JSON is one fault with its name, and the faults that follow from it
// are not told besides.
func TestVerifyDamagedValue(t *testing.T) {
	sound := season(t)
	for _, tt := range []struct{ bucket, want string }{
		{"orders", "order CNS-2026-000001 can't be read"},
		{"cases", "case D-000000 can't be read"},
		{"messages", "messages"},
		{"replies", "replies 1 can't be read"},
		{"outbox", "outbox 1 can't be read"},
		{"days", "days"},
	} {
		path := filepath.Join(t.TempDir(), "bdc.db")
		writeFile(t, path, sound)
		edit(t, path, func(tx *bolt.Tx) error {
			b := tx.Bucket([]byte(tt.bucket))
			k, _ := b.Cursor().First()
			return b.Put(bytes.Clone(k), []byte(`{"number`))
		})
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		faults, err := verified(t, content)
		if err != nil || len(faults) != 1 || !strings.HasPrefix(faults[0], tt.want) {
			t.Errorf("%s: got %q, %v, want one that begins with %q", tt.bucket, faults, err, tt.want)
		}
	}
}

// Files of each frozen format are verified as what they are, and stay so.
func TestVerifyEarlierFormats(t *testing.T) {
	frozen, err := filepath.Glob("testdata/v*.db")
	if err != nil || len(frozen) == 0 {
		t.Fatal("no frozen files", err)
	}
	for _, name := range frozen {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if faults, err := verified(t, content); err != nil || len(faults) > 0 {
			t.Errorf("%s: got %q, %v", name, faults, err)
		}
	}
}

// Orders passes over what can't be read, page by page, and names it.
func TestOrdersPassOverDamage(t *testing.T) {
	sound := season(t)
	page := os.Getpagesize()
	number := regexp.MustCompile(`\{"number":"(CNS-2026-\d+)","status"`)
	hurt := 0
	for at := 2 * page; at+page <= len(sound); at += page {
		if !number.Match(sound[at : at+page]) {
			continue
		}
		spoilt := bytes.Clone(sound)
		copy(spoilt[at:], bytes.Repeat([]byte{0xfe}, 16))
		path := filepath.Join(t.TempDir(), "copy.db")
		writeFile(t, path, spoilt)
		list := func(s *boltstore.Store) (got, lost []string) {
			for after := ""; ; {
				orders, err := s.Orders(t.Context(), after, 7)
				var unreadable *store.UnreadableError
				if err != nil && (!errors.As(err, &unreadable) || !errors.Is(err, store.ErrDataFile)) {
					t.Fatalf("page %d: %v", at/page, err)
				}
				n := len(orders)
				for _, o := range orders {
					got, after = append(got, o.Number), max(after, o.Number)
				}
				if unreadable != nil {
					n += len(unreadable.Numbers)
					lost, after = append(lost, unreadable.Numbers...), max(after, slices.Max(unreadable.Numbers))
				}
				if n < 7 {
					return got, lost
				}
			}
		}
		s, err := boltstore.Open(path, boltstore.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		got, lost := list(s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if len(got)+len(lost) != 72 {
			t.Errorf("page %d: got %d orders and %q, want 72 in all", at/page, len(got), lost)
		}
		if len(lost) == 0 {
			continue // nothing points at the page any more
		}
		hurt++
		for _, m := range number.FindAllSubmatch(sound[at:at+page], -1) {
			if !slices.Contains(lost, string(m[1])) {
				t.Errorf("page %d: %s can't be read, and is not among %q", at/page, m[1], lost)
			}
		}
	}
	if hurt < 5 {
		t.Errorf("got %d pages with orders, want more", hurt)
	}
}
