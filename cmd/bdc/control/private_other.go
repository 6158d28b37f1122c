//go:build !unix

package control

// PrivateFiles does nothing where files have no modes.
func PrivateFiles() {}
