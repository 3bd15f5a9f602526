//! Editing session data for a while: read once, saved later, and merged with what others have written meanwhile.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::Sessions;
use super::exchange::Clearing;
use super::session::{LastSeen, Seen, Session};
use super::update::{ATTEMPTS, read_data};
use crate::backoff::back_off;
use crate::error::{Cause, SessionError};
use crate::id::SessionHandle;
use crate::payload::{self, AccessTokenPayload, SessionData, Unmerged};
use crate::store::{Document, Expect, StoredSession, Swap};

/// Session data in hand, to be changed and [saved](Self::save). It derefs to the data; the store knows nothing of the changes
/// until then, and an edit that is dropped has changed nothing.
///
/// It belongs to nobody's borrow: the session can be used beside it, and it can go into another task.
#[must_use = "an edit changes nothing until it is saved: call `save`"]
pub struct DataEdit<D: SessionData> {
    origin: Origin,
    data: D,
}

/// Where the data came from, and how it was then.
struct Origin {
    sessions: Sessions,
    handle: SessionHandle,
    owner: Owner,
    base: Seen,
}

/// Who asked for the edit, and so what it means that the session is gone.
enum Owner {
    /// The session's own client: its tokens are of no more use.
    Session(Arc<LastSeen>),
    /// Somebody who named the session.
    Handle,
}

impl<P: AccessTokenPayload, D: SessionData> Session<P, D> {
    /// The session data to work on for a while, with other `await`s in between, and to [`save`](DataEdit::save) then. For a
    /// change that can be made at once, [`update_data`](Self::update_data) is simpler, and never a conflict of two fields.
    ///
    /// What others save meanwhile stays: field by field, and where both changed one by its rule `#[session_data(merge = …)]`.
    /// Cost: one read by primary key.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use serde::{Deserialize, Serialize};
    /// use session_runtime::{Keys, NoPayload, Policy, SessionData, Sessions};
    ///
    /// #[derive(Default, Serialize, Deserialize, SessionData)]
    /// struct Visit {
    ///     #[session_data(merge = add)]
    ///     clicks: u64,
    ///     #[session_data(merge = append)]
    ///     trail: Vec<String>,
    ///     note: String,
    /// }
    ///
    /// # let policy = Policy::for_api("https://api.shop.example").build()?;
    /// # let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
    /// let session = sessions.create_new_session::<_, Visit>("user-17", NoPayload, Visit::default()).await?;
    ///
    /// let mut edit = session.edit_data().await?;
    /// edit.clicks += 1;
    /// edit.trail.push("/cart".into());
    /// // Meanwhile, in another request:
    /// session.update_data(|visit| { visit.clicks += 1; visit.note = "hello".into(); }).await?;
    /// let stored = edit.save().await?;
    ///
    /// assert_eq!((stored.clicks, stored.trail.len(), stored.note.as_str()), (2, 1, "hello"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the session is over, the data cannot be read as a `D`, or the database cannot be read.
    pub async fn edit_data(&self) -> Result<DataEdit<D>, SessionError> {
        let stored = self.stored().await?;
        let owner = Owner::Session(Arc::clone(self.last_seen()));
        DataEdit::new(self.sessions().clone(), stored, owner)
    }
}

impl Sessions {
    /// As [`Session::edit_data`](crate::Session::edit_data), by handle. Cost: one read by primary key.
    ///
    /// # Errors
    ///
    /// When there is no such session ([`NotFound`](crate::SessionErrorKind::NotFound)), also when it is saved, the data cannot be
    /// read as a `D`, or the database cannot be read.
    pub async fn edit_data<D: SessionData>(&self, handle: &SessionHandle) -> Result<DataEdit<D>, SessionError> {
        DataEdit::new(self.clone(), self.known(handle).await?, Owner::Handle)
    }
}

impl<D: SessionData> DataEdit<D> {
    fn new(sessions: Sessions, stored: StoredSession, owner: Owner) -> Result<Self, SessionError> {
        let handle = stored.row.handle;
        let data = read_data(&sessions, handle, &stored.data)?;
        let base = Seen { document: stored.data, revision: stored.data_revision };
        Ok(Self { origin: Origin { sessions, handle, owner, base }, data })
    }

    /// Stores the data. If another has saved since it was read, the two are merged, in this order for each field:
    ///
    /// 1. What this edit left alone stays as the other wrote it.
    /// 2. What the other left alone becomes as this edit has it.
    /// 3. What both changed is merged by the field's rule, `#[session_data(merge = …)]`.
    /// 4. Without a rule, it must be the same on both sides.
    ///
    /// A field has changed when its JSON has. Answers what is stored now. Cost: one statement, and two for every race that was
    /// lost.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::SessionErrorKind::Conflict) when fields cannot be merged, which
    /// [`conflicting_fields`](SessionError::conflicting_fields) names, or others were faster each of 32 times, which names none.
    /// When the session is over (it stays so), or the data cannot be read or written. Nothing is stored then.
    pub async fn save(self) -> Result<D, SessionError> {
        let Self { origin, mut data } = self;
        let core = &origin.sessions.core;
        let mine = core.data_document(&data)?;
        let mut next = Seen { document: mine.clone(), revision: origin.base.revision };
        for attempt in 0..ATTEMPTS {
            if origin.swap(&next).await? == Swap::Done {
                return Ok(data);
            }
            back_off(attempt).await;
            let theirs = origin.stored().await?;
            data = origin.merged(&mine, &theirs.data)?;
            next = Seen { document: core.data_document(&data)?, revision: theirs.data_revision };
        }
        Err(Cause::Conflict { attempts: ATTEMPTS }.into())
    }
}

impl Origin {
    /// One compare-and-set.
    async fn swap(&self, next: &Seen) -> Result<Swap, SessionError> {
        let (document, expected) = (next.document.clone(), Expect::Revision(next.revision));
        let core = &self.sessions.core;
        let written = core.store.update_data(self.handle, expected, document.clone(), core.now()).await?;
        if let Owner::Session(seen) = &self.owner {
            seen.set((written == Swap::Done).then(|| Seen { document, revision: next.revision + 1 }));
        }
        Ok(written)
    }

    /// The session as it is stored. Where it is gone, the response clears the tokens, if they are those of its client.
    async fn stored(&self) -> Result<StoredSession, SessionError> {
        match (self.sessions.live(self.handle).await?, &self.owner) {
            (Some(stored), _) => Ok(stored),
            (None, Owner::Handle) => Err(Cause::UnknownSession.into()),
            (None, Owner::Session(_)) => {
                self.sessions.clear(Some(self.handle), Clearing::Both);
                Err(Cause::SessionOver.into())
            }
        }
    }

    /// Everything is read anew: merging takes the values apart, and another try needs them whole.
    fn merged<D: SessionData>(&self, mine: &Document, theirs: &Document) -> Result<D, SessionError> {
        let read = |document: &Document| read_data::<D>(&self.sessions, self.handle, document);
        payload::merge(&read(&self.base.document)?, read(mine)?, read(theirs)?).map_err(|unmerged| match unmerged {
            Unmerged::Payload(error) => Cause::Payload(error).into(),
            Unmerged::Conflict(fields) => Cause::Unmerged { fields }.into(),
        })
    }
}

impl<D: SessionData> Deref for DataEdit<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.data
    }
}

impl<D: SessionData> DerefMut for DataEdit<D> {
    fn deref_mut(&mut self) -> &mut D {
        &mut self.data
    }
}

impl<D: SessionData> fmt::Debug for DataEdit<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataEdit").field("handle", &self.origin.handle).finish_non_exhaustive()
    }
}
