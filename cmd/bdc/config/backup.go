package config

import (
	"path/filepath"
	"time"
)

// Backup says when the daemon makes copies of the data file by itself.
type Backup struct {
	Every  string `toml:"every"`  // a duration such as "24h"; "" for never
	Folder string `toml:"folder"` // where the copies go; it must be there when they are made
	Keep   int    `toml:"keep"`   // how many copies are kept

	// EveryFor is Every; 0 for never.
	EveryFor time.Duration `toml:"-"`
}

// Bounds of backup.every.
const (
	leastBackup = 10 * time.Minute
	mostBackup  = 31 * 24 * time.Hour
)

// backup finds what is wrong with the section. path is that of the configuration file.
func (f *faults) backup(path string, b *Backup) {
	if b.Folder != "" {
		beside(path, &b.Folder)
		b.Folder = filepath.Clean(b.Folder)
	}
	if b.Keep < 1 {
		f.add("backup.keep", "must be at least 1")
	}
	switch {
	case b.Every == "" && b.Folder != "":
		f.add("backup.every", `is missing: such as "24h"`)
		return
	case b.Every == "":
		return
	case b.Folder == "":
		f.add("backup.folder", "is missing")
	}
	every, err := time.ParseDuration(b.Every)
	if err != nil || every < leastBackup || every > mostBackup {
		f.add("backup.every", `must be such as "24h" or "30m", from 10m to 744h`)
	}
	b.EveryFor = every
}
