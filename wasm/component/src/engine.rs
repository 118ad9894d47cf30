//! A compiled policy and directory that answer requests.

use crate::convert;
use crate::exports::rolecall::policy::decisions as wit;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use rolecall::{PermissionId, SubjectId};
use rolecall_contract as contract;

/// A component has one thread, so calls do not overlap.
pub struct Engine(RefCell<rolecall::Engine>);

impl wit::GuestEngine for Engine {
    fn compile(policy: String, directory: String) -> Result<wit::Engine, Vec<wit::Issue>> {
        match rolecall::Engine::from_json(&policy, &directory) {
            Ok(engine) => Ok(wit::Engine::new(Self(RefCell::new(engine)))),
            Err(error) => Err(error.issues.into_iter().map(convert::issue).collect()),
        }
    }

    fn from_snapshot(bytes: Vec<u8>) -> Result<wit::Engine, wit::RequestError> {
        let engine = rolecall::Engine::from_snapshot(bytes).map_err(convert::request_error)?;
        Ok(wit::Engine::new(Self(RefCell::new(engine))))
    }

    fn to_snapshot(&self) -> Vec<u8> {
        self.0.borrow().to_snapshot()
    }

    fn permission(&self, name: String) -> Result<u32, wit::RequestError> {
        self.0.borrow().policy().permission(&name).map(PermissionId::index).map_err(convert::request_error)
    }

    fn permission_names(&self) -> Vec<String> {
        convert::owned(self.0.borrow().policy().permissions())
    }

    fn apply(&self, change: String) -> Result<bool, Vec<wit::Issue>> {
        self.0.borrow_mut().apply_json(&change).map_err(|error| error.issues.into_iter().map(convert::issue).collect())
    }

    fn can_by_names(
        &self,
        subject: String,
        permission: String,
        at: String,
        millis: f64,
    ) -> Result<bool, wit::RequestError> {
        contract::can_by_names(&self.0.borrow(), &subject, &permission, &at, millis).map_err(convert::request_error)
    }

    fn session(&self, subject: String, context: wit::Context) -> Result<wit::Session, wit::RequestError> {
        let subject = SubjectId::parse(&subject).map_err(convert::request_error)?;
        let context = convert::context(&context).map_err(convert::request_error)?;
        Ok(wit::Session::new(crate::session::Session(self.0.borrow().session(subject, context))))
    }

    fn check(&self, request: String) -> String {
        contract::check(&self.0.borrow(), &request)
    }

    fn check_many(&self, requests: Vec<String>) -> Vec<String> {
        contract::check_many(&self.0.borrow(), requests.iter().map(String::as_str))
    }

    fn explain(&self, request: String) -> String {
        contract::explain(&self.0.borrow(), &request)
    }

    fn explain_redacted(&self, request: String) -> String {
        contract::explain_redacted(&self.0.borrow(), &request)
    }

    fn diff(&self, after: wit::EngineBorrow<'_>, time: String) -> String {
        contract::diff(&self.0.borrow(), &after.get::<Self>().0.borrow(), &time)
    }

    fn violations(&self, time: String) -> String {
        contract::violations(&self.0.borrow(), &time)
    }

    fn menu(&self, name: String, who: String) -> String {
        contract::menu(&self.0.borrow(), &name, &who)
    }

    fn permissions(&self, who: String) -> String {
        contract::permissions(&self.0.borrow(), &who)
    }

    fn effective(&self, who: String) -> String {
        contract::effective(&self.0.borrow(), &who)
    }

    fn who_can(&self, permission: String, at: String, time: String) -> String {
        contract::who_can(&self.0.borrow(), &permission, &at, &time)
    }

    fn where_can(&self, subject: String, permission: String, time: String) -> String {
        contract::where_can(&self.0.borrow(), &subject, &permission, &time)
    }

    fn filter(&self, question: String) -> String {
        contract::filter(&self.0.borrow(), &question)
    }

    fn numbering(&self) -> String {
        contract::numbering(&self.0.borrow())
    }

    fn who_holds(&self, question: String) -> String {
        contract::who_holds(&self.0.borrow(), &question)
    }

    fn which_groups_can(&self, question: String) -> String {
        contract::which_groups_can(&self.0.borrow(), &question)
    }

    fn assignments_of(&self, question: String) -> String {
        contract::assignments_of(&self.0.borrow(), &question)
    }

    fn granting_roles(&self, permission: String) -> String {
        contract::granting_roles(&self.0.borrow(), &permission)
    }
}
