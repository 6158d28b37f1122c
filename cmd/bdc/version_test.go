package main

import (
	"log/slog"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/daemon"
)

func TestBuildOf(t *testing.T) {
	of := func(main string, settings ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{Main: debug.Module{Version: main}}
		for i := 0; i < len(settings); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
		}
		return info
	}
	for _, tt := range []struct {
		name, linked    string
		info            *debug.BuildInfo
		version, commit string
	}{
		{"nothing known", "", of(""), "0.3.0-dev", "unknown"},
		{"built in a folder", "", of("(devel)"), "0.3.0-dev", "unknown"},
		{"a tag", "", of("v0.3.0", "vcs.revision", "c7f1e83", "vcs.modified", "false"), "0.3.0", "c7f1e83"},
		{
			"after a tag", "", of("v0.2.1-0.20261130093000-c7f1e83aaaaa", "vcs.revision", "c7f1e83"), "0.3.0-dev",
			"c7f1e83",
		},
		{
			"a tag, with changes", "", of("v0.3.0+dirty", "vcs.revision", "c7f1e83", "vcs.modified", "true"),
			"0.3.0-dev",
			"c7f1e83-dirty",
		},
		{"linked", "0.3.1", of("v0.3.0", "vcs.revision", "c7f1e83"), "0.3.1", "c7f1e83"},
	} {
		got := buildOf(tt.linked, tt.info)
		if got.Version != tt.version || got.Commit != tt.commit || !strings.HasPrefix(got.Go, "go1.") {
			t.Errorf("%s: got %+v, want version %s and commit %s", tt.name, got, tt.version, tt.commit)
		}
	}
}

// The first line of the daemon's log says which program it is, at a time in UTC.
func TestLogBeginsWithVersion(t *testing.T) {
	_, config := demoServers(t)
	cfg, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	d, err := daemon.New(t.Context(), cfg, daemon.Options{Build: thisBuild(), Log: newLog(&log)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	first, _, _ := strings.Cut(log.String(), "\n")
	for _, want := range []string{"version=" + nextVersion, "commit=", "go=go1.", "Z level=INFO"} {
		if !strings.Contains(first, want) {
			t.Errorf("got the first line %q, want %q in it", first, want)
		}
	}
}

// Every time in the log is in UTC, whatever the clock of whoever tells it.
func TestLogInUTC(t *testing.T) {
	var log strings.Builder
	paris := time.FixedZone("CET", 3600)
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, paris)
	newLog(&log).Info("x", "next_attempt", at, slog.Group("g", "at", time.Unix(0, 0).In(paris)))
	want := "next_attempt=2026-11-21T09:00:00.000Z g.at=1970-01-01T00:00:00.000Z"
	if got := log.String(); !strings.Contains(got, want) {
		t.Errorf("got %s, want both times in UTC", got)
	}
}
