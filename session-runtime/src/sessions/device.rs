//! Which device a session is used from: what the application says of it, else what the request does.

use std::net::IpAddr;
use std::sync::Arc;

use super::Sessions;
use crate::device::Device;
use crate::error::{Cause, SessionError};
use crate::id::SessionHandle;
use crate::store::Swap;

impl Sessions {
    /// The same sessions; those that are created from here are shown to their user under this name. Up to 128 characters of it are
    /// kept; control characters become spaces, and where nothing is left there is no name.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use session_runtime::{Keys, NoData, NoPayload, Policy, Sessions};
    ///
    /// # let policy = Policy::for_api("https://api.shop.example").build()?;
    /// # let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
    /// let sessions = sessions.with_device_label("Ada's phone");
    /// let session = sessions.create_new_session::<NoPayload, NoData>("ada", NoPayload, NoData).await?;
    ///
    /// sessions.rename_device(session.handle(), "Ada's old phone").await?;
    /// let found = sessions.list_sessions("ada").await?;
    /// assert_eq!(found[0].device_label(), Some("Ada's old phone"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_device_label(&self, label: impl AsRef<str>) -> Self {
        self.used_from(Device { label: Device::label_of(label.as_ref()), ..self.own_device() })
    }

    /// The same sessions; those that are created or refreshed from here are used from this user agent, whatever the request says: for
    /// doors that are not axum's. Up to 512 characters of it are kept; control characters become spaces.
    #[must_use]
    pub fn with_user_agent(&self, user_agent: impl AsRef<[u8]>) -> Self {
        let user_agent = Device::user_agent_of(user_agent.as_ref());
        self.used_from(Device { user_agent, ..self.own_device() })
    }

    /// The same sessions; those that are created or refreshed from here are used from this address, whatever the request says: for
    /// doors that are not axum's.
    #[must_use]
    pub fn with_address(&self, address: IpAddr) -> Self {
        self.used_from(Device { address: Some(address.to_canonical()), ..self.own_device() })
    }

    fn used_from(&self, device: Device) -> Self {
        Self { device: Some(Arc::new(device)), ..self.clone() }
    }

    fn own_device(&self) -> Device {
        self.device.as_deref().cloned().unwrap_or_default()
    }

    /// Gives a session's device another name, cut as by [`with_device_label`](Self::with_device_label); an empty one takes it away.
    /// Whose session it is, is the caller's to check. Cost: one statement.
    ///
    /// # Errors
    ///
    /// When there is no such session ([`NotFound`](crate::SessionErrorKind::NotFound)), or the database cannot be written.
    pub async fn rename_device(&self, handle: &SessionHandle, label: impl AsRef<str>) -> Result<(), SessionError> {
        let label = Device::label_of(label.as_ref());
        match self.core.store.rename_device(self.tenant(), *handle, label, self.core.now()).await? {
            Swap::Done => Ok(()),
            Swap::Lost => Err(Cause::UnknownSession.into()),
        }
    }

    /// The device that asks, as far as it is known.
    pub(super) fn device(&self) -> Device {
        let Device { label, user_agent, address } = self.own_device();
        let request = self.exchange().map(|exchange| exchange.device()).unwrap_or_default();
        Device { label, user_agent: user_agent.or(request.user_agent), address: address.or(request.address) }
    }
}
