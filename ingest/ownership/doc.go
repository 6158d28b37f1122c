// Package ownership sees to it that one record serves an inbox, and no copy of it does.
//
// A record is what a data file holds; it has an identity. In a folder beside the inbox
// stands one small message of ours, the deed: it names the record that owns the inbox, the
// generation, and how often the record was restored. A generation is a number and 128
// random bits, drawn at each raise. So a file that was copied and put back, or a second
// file that serves the same inbox, finds in the mailbox a generation that it never wrote,
// or another record's, and waits.
//
// A raise takes these steps, after each of which the program may die:
//
//  1. the next generation is written into the file, as intended;
//  2. the deed with it goes into the mailbox;
//  3. the folder is read again. Of two deeds with one number, the one that the server took
//     first counts;
//  4. if ours counts, the generation is committed in the file;
//  5. the deeds before it are removed.
//
// A raise that was broken off is completed with the same generation, since its message may
// still be on its way; then the next one is raised, so that of two copies of such a file
// one finds that it is not the owner.
//
// The generation is raised at each start, after each backup, and every hour: whatever copy
// of the file there is, it is soon behind. Before each batch is recorded, each minute, and
// at each connection to the inbox, the Keeper looks whether the folder has changed; it
// reads the deeds only if it has. Several daemons may serve one record: the record's
// generation is read again from the store before a daemon concludes that another record, or
// another copy, has taken the inbox over.
//
// There is no clock and no lease in the mailbox, so that a daemon that was killed starts
// again at once. A deed that somebody removed is written again. A server that refuses to
// keep the folder or the message is served all the same, and State says so: then two files
// on one inbox are not noticed.
//
// A record that was restored, or that claimed the inbox, has its numbers go on above those
// of whoever owned the inbox: the deed says how often that was restored. If there is no deed,
// they go on above ten restores more, since the copies of the last replies may be missing too.
package ownership
