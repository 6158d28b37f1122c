//go:build race

package sheet

// slowdown is what the race detector costs on a busy machine.
const slowdown = 10
