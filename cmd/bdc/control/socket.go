package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
)

// SocketPath returns the path of the control socket of the daemon that has the data file
// at data open.
func SocketPath(data string) string { return data + ".sock" }

// Listen opens the control socket, with mode 0600. The caller must hold the
// lock of the data file: a socket that is already there was therefore left by a daemon that
// died, and Listen replaces it.
func Listen(ctx context.Context, path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), l.Close())
	}
	return l, nil
}
