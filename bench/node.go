package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pipeline is the contender in Node.
type pipeline struct {
	node   string // the path of node
	script string // the path of the pipeline's main file
}

func (pipeline) name() string { return "node" }

func (p pipeline) command(ctx context.Context, s site) (*exec.Cmd, error) {
	auth := map[string]string{"user": s.mail.User, "pass": s.mail.Password}
	config, err := json.Marshal(map[string]any{
		"imap":   map[string]any{"host": s.mail.Host, "port": s.mail.IMAPS, "secure": true, "auth": auth},
		"smtp":   map[string]any{"host": s.mail.Host, "port": s.smtpPort, "secure": s.smtpTLS, "auth": auth},
		"caFile": s.mail.CAFile,
		"from":   s.mail.User,
		"orders": p.folder(s),
	})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(s.dir, "config.json")
	if err := os.WriteFile(path, config, 0o600); err != nil {
		return nil, err
	}
	return exec.CommandContext(ctx, p.node, p.script, path), nil
}

func (pipeline) accompany(context.Context) error { return nil }

// folder returns the folder in which the pipeline writes a file for each order.
func (pipeline) folder(s site) string { return filepath.Join(s.dir, "orders") }

func (p pipeline) orders(_ context.Context, s site) (int, error) {
	files, err := os.ReadDir(p.folder(s))
	if err != nil {
		return 0, err
	}
	n := 0
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".json") {
			n++
		}
	}
	return n, nil
}
