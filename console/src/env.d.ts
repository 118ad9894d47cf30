declare module "*.css";
declare module "@rolecall/react/admin.css";
