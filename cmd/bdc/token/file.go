package token

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// load reads the file; one that is not there holds nothing.
func load(path string) (h held, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return h, err
	}
	return h, json.Unmarshal(data, &h)
}

// save replaces the file, whole or not at all, and durably.
func save(path string, h held) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".bdc-*") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // gone already when all went well
	_, err = part.Write(data)
	if err := errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
