//! A session that works without policy and directory.

use crate::convert;
use crate::exports::rolecall::policy::decisions as wit;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use rolecall::Timestamp;
use rolecall_contract as contract;
use rolecall_pass::{Expected, KeySet};

pub struct PortableSession(rolecall::PortableSession);

impl wit::GuestPortableSession for PortableSession {
    fn from_bytes(bytes: Vec<u8>, at: Option<String>, time: String) -> Result<wit::PortableSession, wit::RequestError> {
        let open = || {
            let time = Timestamp::read(&time, "time")?;
            let own = rolecall::PortableSession::from_bytes(&bytes, time)?;
            Ok(at.map_or_else(|| own.clone(), |at| own.at(&at, time)))
        };
        open().map(|session| wit::PortableSession::new(Self(session))).map_err(convert::request_error)
    }

    fn from_pass(
        pass: String,
        keys: String,
        issuer: String,
        audience: Option<String>,
        at: Option<String>,
        time: String,
    ) -> Result<wit::PortableSession, wit::RequestError> {
        let time = Timestamp::read(&time, "time").map_err(convert::request_error)?;
        let expected = Expected { issuer: &issuer, audience: audience.as_deref() };
        let opened = KeySet::from_json(&keys).and_then(|keys| keys.open(&pass, expected, time));
        let own = opened.map_err(convert::pass_error)?.session;
        Ok(wit::PortableSession::new(Self(at.map_or_else(|| own.clone(), |at| own.at(&at, time)))))
    }

    fn at(&self, scope: String, time: String) -> Result<wit::PortableSession, wit::RequestError> {
        let time = Timestamp::read(&time, "time").map_err(convert::request_error)?;
        Ok(wit::PortableSession::new(Self(self.0.at(&scope, time))))
    }

    fn coverage(&self) -> String {
        contract::portable_coverage(&self.0)
    }

    fn can(&self, permission: String, item: Option<wit::Item>) -> Result<bool, wit::RequestError> {
        let permission = self.0.permission(&permission).map_err(convert::request_error)?;
        let item = convert::item(&self.0, item.as_ref()).map_err(convert::request_error)?;
        Ok(item.map_or_else(|| self.0.can(permission), |item| self.0.can_item(permission, &item)))
    }

    fn redact(&self, record: String, labels: String, mask: Option<String>) -> Result<String, wit::RequestError> {
        contract::portable_redact(&self.0, &record, &labels, mask.as_deref()).map_err(convert::request_error)
    }

    fn menu(&self, name: String) -> Result<String, wit::RequestError> {
        self.0.menu(&name).map(|menu| contract::to_json(&menu)).map_err(convert::request_error)
    }

    fn permissions(&self) -> String {
        contract::to_json(&self.0.permissions())
    }

    fn permission_bits(&self) -> Vec<u8> {
        self.0.permission_bits()
    }

    fn valid_until(&self) -> Option<String> {
        self.0.valid_until().map(|instant| instant.to_string())
    }
}
