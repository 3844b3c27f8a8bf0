//! A conformer that is a component, run by itself: pointers and behaviour, no bytes.
//!
//! The component model lets nobody into an instance that has trapped. What comes after a refused call is
//! therefore tried on a new instance, which is first brought to where the old one was, by making all the
//! calls again that had returned. That a refused call really changes nothing (H6) is proven where the
//! conformer is linked.

use std::{cell::RefCell, collections::BTreeSet};

use sigil_host::{ComponentInstance, Engine, Limits};

use crate::{
    Call, Conformer, Driver, Features, Layout, Stop, Subject, Way,
    driver::function_name,
    linked::{FUEL, fuel, stop},
};

/// A component, compiled once.
pub struct Component<'a> {
    conformer: &'a Conformer,
    engine: Engine,
    /// The functions of `sigil:allocator-ext` that the component exports.
    extensions: BTreeSet<String>,
    /// Instances that no case uses at the moment.
    idle: RefCell<Vec<ComponentInstance>>,
}

impl<'a> Component<'a> {
    /// Compiles and instantiates the component.
    ///
    /// # Errors
    ///
    /// Why that is not possible, or what it does not export.
    pub fn new(conformer: &'a Conformer) -> Result<Self, String> {
        let engine = Engine::metered().map_err(|error| format!("{error:#}"))?;
        let mut component = Self {
            conformer,
            engine,
            extensions: BTreeSet::new(),
            idle: RefCell::default(),
        };
        let mut instance = component.compile()?;
        let missing: Vec<_> = Call::EACH
            .iter()
            .map(|call| (call.interface(), call.parts().1))
            .filter(|(interface, function)| !instance.has(interface, function))
            .map(|(interface, function)| format!("  no `{function}` in `{interface}`"))
            .collect();
        if !missing.is_empty() {
            let missing = missing.join("\n");
            return Err(format!(
                "the component does not export the world `sigil:allocator/allocator`\n{missing}"
            ));
        }
        for interface in sigil_abi::INTERFACES {
            let name = format!(
                "{}/{}@{}",
                interface.package, interface.name, interface.version
            );
            let functions = interface.functions.iter().map(|function| function.name);
            let exported = functions.filter(|function| instance.has(&name, function));
            let exported = exported.map(|function| function_name(interface.name, function));
            if interface.package == sigil_abi::PACKAGE_EXT {
                component.extensions.extend(exported);
            }
        }
        component.idle.borrow_mut().push(instance);
        Ok(component)
    }

    fn compile(&self) -> Result<ComponentInstance, String> {
        let limits = Limits {
            max_heap_pages: None,
            fuel: Some(FUEL),
        };
        ComponentInstance::new(&self.engine, self.conformer.wasm(), &limits)
            .map_err(|failure| failure.to_string())
    }
}

impl Subject for Component<'_> {
    fn way(&self) -> Way {
        Way::Component
    }

    fn features(&self) -> &Features {
        self.conformer.features()
    }

    fn exports(&self, function: &str) -> bool {
        self.extensions.contains(function)
    }

    fn open(&self, _layout: Layout) -> Result<Box<dyn Driver + '_>, String> {
        let idle = self.idle.borrow_mut().pop();
        let mut instance = match idle {
            Some(instance) => instance,
            None => self.compile()?,
        };
        instance.set_max_heap_pages(None);
        instance.respawn().map_err(|failure| failure.to_string())?;
        let instance = Some(instance);
        Ok(Box::new(Running {
            component: self,
            instance,
            limit_pages: None,
            made: Vec::new(),
            trapped: false,
        }))
    }
}

struct Running<'a> {
    component: &'a Component<'a>,
    instance: Option<ComponentInstance>,
    /// The most pages that memory may have, where growth is limited.
    limit_pages: Option<u32>,
    /// The calls that returned, and what.
    made: Vec<Made>,
    /// Whether the instance has trapped, so that it cannot be called again.
    trapped: bool,
}

/// A call that returned.
struct Made {
    call: Call,
    result: u64,
    /// The limit then: under another one, `try-alloc` and `resize-in-place` may answer otherwise.
    limit_pages: Option<u32>,
}

impl Running<'_> {
    fn instance(&mut self) -> &mut ComponentInstance {
        self.instance.as_mut().expect("only `drop` takes it")
    }

    fn make(&mut self, call: Call) -> Result<u64, Stop> {
        let (_, function, args) = call.parts();
        let instance = self.instance();
        instance.set_fuel(fuel(call)).map_err(stop)?;
        let outcome = instance.call(&call.interface(), function, &args);
        outcome.map(Option::unwrap_or_default).map_err(stop)
    }

    /// Makes every call again that had returned, on a new instance.
    fn bring_back(&mut self) -> Result<(), Stop> {
        self.instance().respawn().map_err(stop)?;
        self.trapped = false;
        for made in std::mem::take(&mut self.made) {
            let Made { call, result, .. } = made;
            self.instance().set_max_heap_pages(made.limit_pages);
            let now = self.make(call)?;
            if now != result {
                let what =
                    format!("`{call}` returned {result:#x}, and {now:#x} on a fresh instance");
                return Err(Stop::Broken(what));
            }
            self.made.push(made);
        }
        let limit_pages = self.limit_pages;
        self.instance().set_max_heap_pages(limit_pages);
        Ok(())
    }
}

impl Driver for Running<'_> {
    fn call(&mut self, call: Call) -> Result<u64, Stop> {
        if self.trapped {
            self.bring_back()?;
        }
        let outcome = self.make(call);
        match outcome {
            Ok(result) => self.made.push(Made {
                call,
                result,
                limit_pages: self.limit_pages,
            }),
            Err(_) => self.trapped = true,
        }
        outcome
    }

    fn pages(&mut self) -> u32 {
        self.instance().memory_pages() as u32
    }

    fn limit_pages(&mut self, pages: Option<u32>) {
        self.limit_pages = pages;
        self.instance().set_max_heap_pages(pages);
    }

    fn grow_foreign(&mut self, _delta_pages: u32) -> Option<u32> {
        None
    }

    fn memory(&mut self) -> Option<&mut [u8]> {
        None
    }

    fn heap_base(&self) -> u32 {
        0
    }

    fn fuel_used(&self) -> Option<u64> {
        None
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.component
            .idle
            .borrow_mut()
            .extend(self.instance.take());
    }
}
