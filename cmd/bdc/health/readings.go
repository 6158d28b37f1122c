package health

import (
	"fmt"
	"time"

	"bdc/notify/staff"
	"bdc/order"
	"bdc/store"
)

// backlogMost is the number of messages to be examined from which on staff are alerted.
const backlogMost = 1000

// removedLately is for how long the removal of the mailbox's deed counts as trouble, though
// it is written again at once: staff have to be told of it.
const removedLately = 10 * time.Minute

// ownerWords says in French why the record may not own its inbox.
func ownerWords(o *Owner) string {
	switch o.Doubt {
	case store.Copied:
		return "ce fichier de données est une copie de sauvegarde"
	case store.Restored:
		return "les dossiers de la boîte n’ont pas encore été relus"
	}
	return o.Words
}

// Readings returns the state of each thing about which staff are alerted.
func (h Health) Readings(now time.Time) []staff.Reading {
	var all []staff.Reading
	read := func(cause order.Cause, broken, fine bool, since time.Time, words string) {
		r := staff.Reading{Cause: cause}
		switch {
		case broken:
			r.Condition, r.Since, r.Words = staff.Broken, since, words
		case fine:
			r.Condition = staff.Fine
		}
		all = append(all, r)
	}
	if s := h.Inbox; s != nil {
		searched := s.Error == "" && !s.LastCheck.IsZero()
		read(order.CauseInbox, s.Error != "" && !s.Refused, searched, s.Since, s.Error)
		read(order.CauseRefused, s.Refused, searched, s.Since, s.Error)
		read(order.CauseMoves, s.MoveError != "", searched && s.Unmoved == 0, time.Time{}, s.MoveError)
		read(order.CauseBacklog, searched && s.Backlog >= backlogMost, searched, time.Time{},
			fmt.Sprintf("%d messages à traiter", s.Backlog))
	}
	if s := h.Inbox; s != nil {
		read(order.CauseFetch, s.LeftAlone > 0, s.Error == "" && !s.LastCheck.IsZero(), time.Time{},
			fmt.Sprintf("%d message(s) que le serveur ne livre pas", s.LeftAlone))
	}
	if s := h.Owner; s != nil {
		read(order.CauseOwner, s.Troubled(), s.Doubt == store.NoDoubt, time.Time{}, ownerWords(s))
		removed := !s.Rewritten.IsZero() && now.Sub(s.Rewritten) < removedLately
		read(order.CauseDeed, removed, !s.Looked.IsZero(), s.Rewritten, "")
	}
	if s := h.Outbox; s != nil {
		read(order.CauseOutbox, s.Error != "", !s.LastAnswer.IsZero(), s.Since, s.Error)
	}
	if s := h.Disk; s != nil {
		read(order.CauseDisk, s.Low(), true, time.Time{},
			fmt.Sprintf("%d Mo libres sur le disque des données", s.Free>>20))
	}
	if s := h.Data; s != nil {
		read(order.CauseData, s.Error != "" && !s.Replaced, !s.Replaced, s.Since, s.Error)
		read(order.CausePlace, s.Replaced, true, s.Since, s.Error)
	}
	if s := h.Backups; s != nil {
		read(order.CauseBackup, s.Error != "", true, s.Since, s.Error)
	}
	held := h.Store.OutboxPause
	read(order.CausePause, held.Reason != "", true, held.At, held.Reason)
	if s := h.SignIn; s != nil {
		read(order.CauseSignIn, s.Error != "", !s.Expires.IsZero(), time.Time{}, s.Error)
		read(order.CauseExpiry, s.Ending(now) != "", true, time.Time{}, s.Ending(now))
	}
	return all
}
