//! One subject in one context, resolved once.

use crate::convert;
use crate::exports::rolecall::policy::decisions as wit;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use rolecall::{Item, PermissionId, RequestError};
use rolecall_contract as contract;

pub struct Session(pub(crate) rolecall::Session);

impl Session {
    fn request(
        &self,
        permission: &str,
        item: Option<&wit::Item>,
    ) -> Result<(PermissionId, Option<Item>), RequestError> {
        let permission = self.0.policy().permission(permission)?;
        Ok((permission, convert::item(self.0.policy(), item)?))
    }
}

impl wit::GuestSession for Session {
    fn can(&self, permission: u32, item: Option<wit::Item>) -> Result<bool, wit::RequestError> {
        let item = convert::item(self.0.policy(), item.as_ref()).map_err(convert::request_error)?;
        let Some(permission) = self.0.policy().permission_at(permission) else { return Ok(false) };
        Ok(item.map_or_else(|| self.0.can(permission), |item| self.0.can_item(permission, &item)))
    }

    fn can_many(&self, permissions: Vec<u32>) -> Vec<bool> {
        let policy = self.0.policy();
        let can = |number| policy.permission_at(number).is_some_and(|permission| self.0.can(permission));
        permissions.into_iter().map(can).collect()
    }

    fn check(&self, permission: String, item: Option<wit::Item>) -> Result<wit::Decision, wit::RequestError> {
        let (permission, item) = self.request(&permission, item.as_ref()).map_err(convert::request_error)?;
        Ok(convert::decision(self.0.check(permission, item.as_ref())))
    }

    fn require(&self, permission: String, item: Option<wit::Item>) -> Result<wit::Decision, wit::Refusal> {
        let request = self.request(&permission, item.as_ref());
        let (permission, item) = request.map_err(|error| wit::Refusal::Malformed(convert::request_error(error)))?;
        let decided = self.0.require(permission, item.as_ref());
        decided.map(convert::decision).map_err(|forbidden| wit::Refusal::Forbidden(convert::forbidden_error(forbidden)))
    }

    fn explain(&self, permission: String, item: Option<wit::Item>) -> Result<String, wit::RequestError> {
        let (permission, item) = self.request(&permission, item.as_ref()).map_err(convert::request_error)?;
        Ok(contract::to_json(&self.0.explain(permission, item.as_ref())))
    }

    fn explain_redacted(&self, permission: String, item: Option<wit::Item>) -> Result<String, wit::RequestError> {
        let (permission, item) = self.request(&permission, item.as_ref()).map_err(convert::request_error)?;
        Ok(contract::to_json(&self.0.explain_redacted(permission, item.as_ref())))
    }

    fn redact(&self, record: String, labels: String, mask: Option<String>) -> Result<String, wit::RequestError> {
        contract::session_redact(&self.0, &record, &labels, mask.as_deref()).map_err(convert::request_error)
    }

    fn to_bytes(&self, coverage: String) -> Result<Vec<u8>, wit::RequestError> {
        contract::session_to_bytes(&self.0, &coverage).map_err(convert::request_error)
    }

    fn to_view(&self, coverage: String) -> Result<String, wit::RequestError> {
        contract::session_to_view(&self.0, &coverage).map_err(convert::request_error)
    }

    fn menu(&self, name: String) -> Result<String, wit::RequestError> {
        self.0.menu(&name).map(|menu| contract::to_json(&menu)).map_err(convert::request_error)
    }

    fn permissions(&self) -> Vec<String> {
        self.0.permissions().permissions
    }

    fn effective(&self) -> String {
        contract::to_json(&self.0.effective())
    }

    fn permission_bits(&self) -> Vec<u8> {
        self.0.permission_bits()
    }

    fn valid_until(&self) -> Option<String> {
        self.0.valid_until().map(|instant| instant.to_string())
    }
}
