//go:build race

package sheettest

// Slowdown is what the race detector costs on a busy machine.
const Slowdown = 10
