package review

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Parameters of argon2id (RFC 9106): the choice of OWASP's Password Storage Cheat
// Sheet that needs little memory. A hash takes some 20 ms and 19 MiB.
const (
	argonTime    = 2
	argonMemory  = 19 << 10 // KiB
	argonThreads = 1
	argonKey     = 32 // octets
	argonSalt    = 16 // octets
)

// Bounds of a password. Its length is all that we ask for (NIST SP 800-63B, 3.1.1).
const (
	minPassword = 12   // characters
	maxPassword = 1024 // octets
)

// ErrPassword says that a new password has fewer than 12 characters or more than 1,024
// octets.
var ErrPassword = errors.New("a password has 12 characters or more")

// errHash says that a stored hash was not made by HashPassword.
var errHash = errors.New("not an argon2id hash")

// HashPassword returns what is to be stored for a password: an argon2id hash with a
// new salt, in PHC string format. The only error is ErrPassword.
func HashPassword(password string) (string, error) {
	if utf8.RuneCountInString(password) < minPassword || len(password) > maxPassword {
		return "", ErrPassword
	}
	var salt [argonSalt]byte
	rand.Read(salt[:])
	key := argon2.IDKey([]byte(password), salt[:], argonTime, argonMemory, argonThreads, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		b64.EncodeToString(salt[:]), b64.EncodeToString(key)), nil
}

// DrawPassword returns a password of 80 random bits: four groups of letters and digits, of
// those that are not mistaken for others.
func DrawPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789z"
	var b [16]byte
	rand.Read(b[:])
	var s strings.Builder
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			s.WriteByte('-')
		}
		s.WriteByte(letters[c%32])
	}
	return s.String()
}

// checkPassword reports whether a hash was made from a password. It uses the
// parameters that the hash names. The error is errHash.
func checkPassword(hash, password string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errHash
	}
	var version int
	var memory, time uint32
	var threads uint8
	_, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &threads)
	if err != nil || version != argon2.Version {
		return false, errHash
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	want, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(want) == 0 || time == 0 || threads == 0 || memory > 1<<20 {
		return false, errHash
	}
	got := argon2.IDKey([]byte(password), salt, time, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
