//go:build !race

package mime_test

const slowdown = 1
