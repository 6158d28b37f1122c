//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package token

import "context"

// lock does nothing: only one process at a time may use the file here.
func lock(context.Context, string) (unlock func(), err error) { return func() {}, nil }
