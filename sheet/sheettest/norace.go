//go:build !race

package sheettest

// Slowdown is 1: nothing slows the tests down.
const Slowdown = 1
