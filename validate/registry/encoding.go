package registry

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"bdc/order"
)

// Entry is the type of the entries of a register.
type Entry interface {
	order.School | order.Title | order.Account
}

// nameOf returns the name of the register with entries of type E.
func nameOf[E Entry]() string {
	switch any(*new(E)).(type) {
	case order.School:
		return Directory
	case order.Title:
		return Catalogue
	default:
		return Accounts
	}
}

// encodingVersion is to be raised when Decode can no longer read the old encoding.
const encodingVersion = 1

// preamble is the first line of an encoded register.
type preamble struct {
	Register string `json:"register"`
	Version  int    `json:"version"`
	Entries  int    `json:"entries"`
}

// Encode encodes a register for the store: gzipped lines of JSON, first a preamble, then
// one line for each entry. The same entries always give the same bytes.
func Encode[E Entry](entries []E) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	enc := json.NewEncoder(z)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(preamble{nameOf[E](), encodingVersion, len(entries)}); err != nil {
		return nil, fmt.Errorf("encode register %q: %w", nameOf[E](), err)
	}
	for i := range entries {
		if err := enc.Encode(&entries[i]); err != nil {
			return nil, fmt.Errorf("encode register %q: %w", nameOf[E](), err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("encode register %q: %w", nameOf[E](), err)
	}
	return b.Bytes(), nil
}

// Decode reads what Encode wrote. It returns an error where anything of it is missing
// or unreadable. The entries of an empty register are an empty slice, not nil.
func Decode[E Entry](data []byte) ([]E, error) {
	entries, err := decode[E](bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode register %q: %w", nameOf[E](), err)
	}
	return entries, nil
}

func decode[E Entry](r io.Reader) ([]E, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(z)
	var p preamble
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("preamble: %w", err)
	}
	if p.Register != nameOf[E]() || p.Version != encodingVersion {
		return nil, fmt.Errorf("it is version %d of register %q", p.Version, p.Register)
	}
	entries := []E{}
	for {
		var e E
		err := dec.Decode(&e)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", len(entries)+1, err)
		}
		entries = append(entries, e)
	}
	if len(entries) != p.Entries {
		return nil, fmt.Errorf("%d entries of %d", len(entries), p.Entries)
	}
	return entries, nil
}
