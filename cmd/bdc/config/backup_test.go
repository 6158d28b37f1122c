package config

import (
	"strings"
	"testing"
	"time"
)

func TestBackup(t *testing.T) {
	for _, tt := range []struct {
		name   string
		backup Backup
		every  time.Duration
		want   string // of the fault; "" for none
	}{
		{"none", Backup{Keep: 7}, 0, ""},
		{"each day", Backup{Every: "24h", Folder: "copies", Keep: 7}, 24 * time.Hour, ""},
		{"no folder", Backup{Every: "24h", Keep: 7}, 0, "backup.folder: is missing"},
		{"no time", Backup{Folder: "copies", Keep: 7}, 0, "backup.every: is missing"},
		{"too often", Backup{Every: "1m", Folder: "copies", Keep: 7}, 0, "from 10m to 744h"},
		{"hardly ever", Backup{Every: "9999h", Folder: "copies", Keep: 7}, 0, "from 10m to 744h"},
		{"no duration", Backup{Every: "daily", Folder: "copies", Keep: 7}, 0, "from 10m to 744h"},
		{"kept nowhere", Backup{Every: "24h", Folder: "copies"}, 0, "backup.keep: must be at least 1"},
	} {
		var f faults
		f.backup("/etc/bdc/bdc.toml", &tt.backup)
		got := strings.Join(f, "\n")
		if tt.want == "" && (got != "" || tt.backup.EveryFor != tt.every) || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %v and the faults %q, want %v and %q", tt.name, tt.backup.EveryFor, got, tt.every,
				tt.want)
		}
		if tt.backup.Folder != "" && tt.backup.Folder != "/etc/bdc/copies" {
			t.Errorf("%s: got the folder %q, want it beside the configuration", tt.name, tt.backup.Folder)
		}
	}
}
