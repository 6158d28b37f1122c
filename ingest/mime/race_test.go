//go:build race

package mime_test

// slowdown is what the race detector costs on a busy machine.
const slowdown = 10
