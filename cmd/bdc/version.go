package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"bdc/cmd/bdc/health"

	"github.com/spf13/cobra"
)

// version is set by the linker where a release is built:
//
//	go build -ldflags "-X main.version=0.3.0" ./cmd/bdc
var version string

// nextVersion is the version of a build that nobody gave one.
const nextVersion = "0.3.0-dev"

// thisBuild is what the linker and the toolchain recorded of this program.
func thisBuild() health.Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(version, info)
}

// buildOf makes a build of the linker's version, "" for none, and the toolchain's
// record.
func buildOf(version string, info *debug.BuildInfo) health.Build {
	b := health.Build{Version: version, Commit: "unknown", Go: runtime.Version()}
	if b.Version == "" {
		b.Version = nextVersion
		// The toolchain takes a version from a tag. What lies after the tag has a
		// pseudo-version, and what differs from it a "+dirty".
		if tagged, ok := strings.CutPrefix(info.Main.Version, "v"); ok && !strings.ContainsAny(tagged, "-+") {
			b.Version = tagged
		}
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if revision := settings["vcs.revision"]; revision != "" {
		b.Commit = revision
		if settings["vcs.modified"] == "true" {
			b.Commit += "-dirty"
		}
	}
	return b
}

// versionCommand is bdc version.
func versionCommand(e env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version [--json]",
		Short: "Show the version, the commit and the version of Go",
		Example: `  bdc version
  bdc version --json`,
		Args: exactly(0, "expected no arguments"),
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return printJSON(e.stdout, thisBuild())
			}
			_, err := fmt.Fprintln(e.stdout, thisBuild().Line())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return cmd
}
